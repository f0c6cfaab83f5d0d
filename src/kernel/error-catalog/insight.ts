import type { ErrorEntry } from '#kernel/error-entry.ts'

export const insightErrors = {
  'view-only': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{operation} changes something, and you only look as {role}',
    remedy: 'End the view (`millrace sessions end-view`), and do it as yourself.',
  },
  'analysis-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no analysis "{analysis}"',
    remedy: '`millrace analyses list` shows those that there are.',
  },
} as const satisfies Record<string, ErrorEntry>
