import type { ErrorEntry } from '#kernel/error-entry.ts'

export const subjectErrors = {
  'subject-kind-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no dataset names subjects of the kind "{kind}"',
    remedy: 'Known kinds: {known}. A column is told to name one by `subject: true` in its pack.',
  },
  'subject-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'nothing is published about this {kind}',
    remedy: '`millrace subjects list {kind}` lists those that something is published about.',
  },
  'subject-erased': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'this {kind} was erased: nothing about it is collected, and that stays so',
    remedy: 'Bring new data in under another name, if there is consent to it.',
  },
  'subjects-changed': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'a subject was erased, or its collection changed, while this was being read',
    remedy: 'Nothing is to be done: it is read again.',
  },
  'erasure-waits': {
    kind: 'operational',
    status: 409,
    retryable: true,
    text: 'run {run} did not compute {partitions} partitions anew that still come from erased rows, such as {first}',
    remedy: 'See why with `millrace status`, and correct it; the erasure goes on by itself.',
  },
  'erasure-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no erasure "{erasure}"',
    remedy: '`millrace erasures list` lists them.',
  },
} as const satisfies Record<string, ErrorEntry>
