import type { ErrorEntry } from '#kernel/error-entry.ts'

export const graphErrors = {
  'query-too-large': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the query leads to more than {most} operations',
    remedy: 'Ask for shorter lists (`first`), or for less of each of their entries.',
  },
} as const satisfies Record<string, ErrorEntry>
