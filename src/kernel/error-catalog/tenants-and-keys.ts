import type { ErrorEntry } from '#kernel/error-entry.ts'

export const tenantErrors = {
  // keys, limited access, rates and quotas
  'key-ended': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'key {key} was revoked or has expired, so it gets no other secret',
    remedy: 'Make a new one: `millrace keys create --name <what for>`.',
  },
  'access-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{path}: {message}',
    remedy:
      '`millrace datasets list` shows the datasets; docs/guides/keys.md shows limits of all kinds.',
  },
  'access-beyond': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{caller} cannot let others see more of "{dataset}" than is shown to it',
    remedy:
      'Name only what you see yourself: your own datasets, columns and every filter on your rows.',
  },
  'columns-hidden': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'none of the columns of "{dataset}" that you may see is published',
    remedy: 'Ask an admin of the tenant for a key or role that sees its columns.',
  },
  'rate-limited': {
    kind: 'user',
    status: 429,
    retryable: true,
    text: 'too many requests: {whose} may send {perMinute} a minute, {burst} of them at once',
    remedy:
      'Send the next one in {retryAfterSeconds} s; the header RateLimit tells how many are left.',
  },
  'quota-exceeded': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'this tenant may have {most} {unit}, and has used {used}',
    remedy:
      '`millrace usage show` shows all of it. Days end at midnight UTC; whoever runs this deployment can raise a quota.',
  },

  // tenants: settings and standing
  'tenant-suspended': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'tenant "{tenant}" is suspended: {reason}',
    remedy: 'Ask the operators of this installation; nothing of the tenant is lost meanwhile.',
  },
  'tenant-deleting': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'tenant "{tenant}" is about to be deleted',
    remedy: 'Take the deletion back first, as long as its days of grace last.',
  },
  'tenant-request-differs': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the idempotency key "{key}" made tenant "{tenant}" with another request',
    remedy: 'Send the request as it was the first time, or choose another slug and key.',
  },
  'pack-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'no pack "{pack}" is deployed',
    remedy: 'Name one of {known}; `millrace deploy` brings others.',
  },
} as const satisfies Record<string, ErrorEntry>
