import type { ErrorEntry } from '#kernel/error-entry.ts'

export const targetErrors = {
  'target-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no target {target}',
    remedy: '`millrace targets list` shows those that there are; `millrace targets set` makes one.',
  },
  'target-unreachable': {
    kind: 'operational',
    status: 502,
    retryable: true,
    text: '{place} cannot be reached: {message}',
    remedy:
      'See that it runs and can be reached from here; what was to be delivered is tried again.',
  },
  'target-refused': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{place} does not take it: {message}',
    remedy: 'Correct the target, its rights or its table, then retry the delivery.',
  },
} as const satisfies Record<string, ErrorEntry>
