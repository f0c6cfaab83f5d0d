import type { ErrorEntry } from '#kernel/error-entry.ts'

export const embedErrors = {
  'embed-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no such view, or this link does not open it',
    remedy:
      'Ask whoever runs the page for a link that works; `millrace embeds list` shows those that there are.',
  },
  'embed-ended': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'this view has ended',
    remedy: 'Load the page that shows it again, or ask whoever runs it for a new link.',
  },
  'embed-values': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the link for a viewer does not fit: {problem}',
    remedy: 'Sign it with a value for each name that the view leaves open, and with no other.',
  },
  'embed-lifetime': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'the link for a viewer is valid for {hours} hours, and one may be for {max} at most',
    remedy: 'Sign a link each time that the page is shown, with an `exp` a few minutes ahead.',
  },
  'embed-origin': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{origin} is no origin of pages: {problem}',
    remedy: 'Say scheme, host and, if need be, port: https://app.example.com.',
  },
  'embeds-too-many': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there are {max} open views already, and more are not kept',
    remedy:
      'Revoke some that nobody looks at: `millrace embeds list` says when each was seen last.',
  },
} as const satisfies Record<string, ErrorEntry>
