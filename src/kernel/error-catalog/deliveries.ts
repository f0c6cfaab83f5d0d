import type { ErrorEntry } from '#kernel/error-entry.ts'

export const deliveryErrors = {
  'delivery-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no delivery "{delivery}"',
    remedy:
      '`millrace deliveries list` shows them; those that are over are forgotten after a month.',
  },
  'delivery-not-ready': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'delivery {delivery} is {state}: there is no file yet',
    remedy: 'Ask for its state until it is ready: `millrace deliveries show {delivery}`.',
  },
  'delivery-over': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'delivery {delivery} is {state}: its file is kept no longer',
    remedy: 'Ask for the rows again: a delivery of the same answer gives the same bytes.',
  },
  'delivery-elsewhere': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'delivery {delivery} went to another place ({target}) and has no file to fetch',
    remedy: '`millrace deliveries show {delivery}` says where it lies.',
  },
  'delivery-not-over': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'delivery {delivery} is {state}',
    remedy: 'Cancel it first: `millrace deliveries cancel {delivery}`.',
  },
  'delivery-not-failed': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'delivery {delivery} is {state}: only one that failed or was cancelled is tried again',
    remedy: '`millrace deliveries show {delivery}` says how it goes.',
  },
  'delivery-key-reused': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the idempotency key "{key}" belongs to another delivery already',
    remedy: 'Send the request as it was the first time, or choose another key.',
  },
  'delivery-link-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'this link leads to no file',
    remedy:
      'It may have expired, been used up or been withdrawn, or a part of it is missing. Ask for the delivery again.',
  },
  'delivery-right-lost': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: 'whoever asked for delivery {delivery} ({caller}) may not have these rows any more',
    remedy: 'Somebody who may export them has to ask for them again.',
  },
  'delivery-target-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'no kind of target is named "{target}"',
    remedy: 'The kinds are: {known}.',
  },
  'delivery-question-gone': {
    kind: 'definition',
    status: 409,
    retryable: false,
    text: 'what delivery {delivery} asks for is not there any more: {problem}',
    remedy: 'Ask again with what is deployed now.',
  },
} as const satisfies Record<string, ErrorEntry>
