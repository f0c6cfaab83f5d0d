import type { ErrorEntry } from '#kernel/error-entry.ts'

export const eventErrors = {
  'events-gone': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'events after {after} are asked for, and those up to {swept} are removed by now',
    remedy:
      'Read the present state of what the events are about, then go on without `after`; events are kept for 7 days.',
  },
  'events-not-yet': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'events after {after} are asked for, and the newest is {last}',
    remedy: 'Give the `sequence` of an event of this tenant, or nothing.',
  },
  'event-streams-exhausted': {
    kind: 'user',
    status: 429,
    retryable: true,
    text: 'the tenant listens to its events {most} times on this server already',
    remedy: 'End streams that nobody reads any more, or share one between your processes.',
  },
  'event-stream-slow': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the stream of events was ended: nothing of it was read for {seconds} seconds',
    remedy: 'Read faster, and go on after the last event that arrived: header Last-Event-ID.',
  },
  'subscription-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no subscription {subscription}',
    remedy: '`millrace subscriptions list` shows them.',
  },
  'subscriptions-exhausted': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'the tenant has {most} subscriptions, and more are not possible',
    remedy: 'Remove one that is not needed, or let one receiver take more kinds of events.',
  },
  'subscription-event-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'subscription {subscription} was not to be told of event {sequence}, or it is removed by now',
    remedy:
      '`millrace subscriptions deliveries {subscription}` shows the events of the last 7 days.',
  },
} as const satisfies Record<string, ErrorEntry>
