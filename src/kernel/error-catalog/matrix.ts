import type { ErrorEntry } from '#kernel/error-entry.ts'

export const matrixErrors = {
  'place-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'the place "{place}" names no partition that there is',
    remedy: '`millrace status` lists what there is; a place is written `dataset@2021-01..2021-03`.',
  },
} as const satisfies Record<string, ErrorEntry>
