import type { ErrorEntry } from '#kernel/error-entry.ts'

export const endpointErrors = {
  'endpoint-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no endpoint "{endpoint}"',
    remedy: 'List those that you may ask with `millrace endpoints list` or GET /v1/endpoints.',
  },
  'endpoint-version-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'endpoint {endpoint} has no version {version}',
    remedy:
      'List its versions with `millrace endpoints versions {endpoint}`; without a version the current one answers.',
  },
  'endpoint-version-ended': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'version {version} of endpoint {endpoint} has not been answered since {endedAt}',
    remedy:
      '{wayOut} `millrace endpoints versions {endpoint}` tells what differs in parameters and columns.',
  },
  'endpoint-removed': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'endpoint {endpoint} was taken away on {removedAt}',
    remedy:
      'Its version {version} is answered until {endsAt} to those who ask for it (version={version}); `millrace endpoints list` shows what there is now.',
  },
  'endpoint-drill-missing': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'endpoint {endpoint} does not say which rows are behind one of its rows',
    remedy: 'Ask the datasets that it reads: {inputs}. Its author can add a `-- drill` query.',
  },
  'endpoint-drill-row': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the row that leads on to others needs {columns}, and {problem}',
    remedy:
      'Send the values of one row of the endpoint: row.{example}=…; its parameters as before.',
  },
} as const satisfies Record<string, ErrorEntry>
