import type { ErrorEntry } from '#kernel/error-entry.ts'

export const idempotencyErrors = {
  'idempotency-mismatch': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the idempotency key "{key}" was used for another request',
    remedy: 'Send a new key with a new request; a key stands for one request for 24 hours.',
  },
  'idempotency-busy': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'the request with the idempotency key "{key}" is being carried out',
    remedy: 'Send it again in a moment: it is answered as soon as it is done.',
  },
  'idempotency-unknown': {
    kind: 'operational',
    status: 409,
    retryable: false,
    text: 'the request with the idempotency key "{key}" changed something, and its answer was lost',
    remedy:
      'Look at what is there, and go on with a new key; `millrace audit list` shows what was done.',
  },
  'idempotency-spent': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the request with the idempotency key "{key}" was carried out, and its answer is not kept',
    remedy:
      'Look at what is there. Answers that show a secret are kept only where MILLRACE_SECRET_KEY_FILE is set, and long ones are not.',
  },
  'idempotency-unavailable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{operation} takes no idempotency key: it belongs to no tenant',
    remedy: 'Send it without; its link or code works once.',
  },
} as const satisfies Record<string, ErrorEntry>
