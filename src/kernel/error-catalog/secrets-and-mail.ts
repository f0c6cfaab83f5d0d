import type { ErrorEntry } from '#kernel/error-entry.ts'

export const secretErrors = {
  // secrets
  'secret-key-none': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'this deployment has no key to encrypt secrets with, so it keeps none',
    remedy:
      'Whoever runs it makes one, `(umask 077; openssl rand -base64 32 > secret.key)`, and starts every process with MILLRACE_SECRET_KEY_FILE=secret.key.',
  },
  'secret-key-unusable': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the keys of secrets in {file} cannot be used: {problem}',
    remedy:
      'Each line is a key of its own, the first one current. To make one that only its owner can read: `(umask 077; openssl rand -base64 32 > {file})`.',
  },
  'secret-key-missing': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the secret {place} was encrypted with the key {key}, which this process does not have',
    remedy:
      'Put the line of that key back into the file of MILLRACE_SECRET_KEY_FILE; where it is lost, set the secret again.',
  },
  'source-option-of-operator': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'option {option} of source "{source}" is set by whoever runs this deployment: {reason}',
    remedy: 'Ask an operator to set it, or name a bucket and credentials of your own.',
  },
  'secret-damaged': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'the secret {place} does not open: it was changed, or is a copy of one from elsewhere',
    remedy: 'Set the secret again.',
  },

  // mail
  'mail-address-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{address}" is no address that mail can be sent to',
    remedy: 'Give one address, without a name: someone@example.com.',
  },
  'mail-off': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'this deployment sends no mail: no server for it is set',
    remedy:
      'Whoever runs it sets MILLRACE_SMTP_URL and starts it again; until then, hand links over yourself.',
  },
  'mail-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no mail {mail}',
    remedy: '`millrace mail list` shows the newest; what has ended is removed after 30 days.',
  },
  'mail-not-failed': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'mail {mail} is {state}, so there is nothing to try again',
    remedy:
      'Only mail that failed or bounced is tried again; `millrace mail list` shows the states.',
  },
} as const satisfies Record<string, ErrorEntry>
