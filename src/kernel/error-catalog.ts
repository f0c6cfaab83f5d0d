import type { ErrorEntry } from '#kernel/errors.ts'

/**
 * Every error code with its HTTP status, whether a retry may help, its text and the way out.
 * Codes are stable: other programs match on them. `docs/reference/errors.md` is generated from here.
 */
export const errorCatalog = {
  // ours
  internal: {
    kind: 'bug',
    status: 500,
    retryable: false,
    text: 'Millrace met a case that it was not written for: {message}',
    remedy: 'Please report this with the output of `millrace doctor`.',
  },

  // asking
  'usage-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{message}',
    remedy: 'See `millrace help {command}`.',
  },
  'input-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{path}: {message}',
    remedy: 'Correct the named field and send the request again.',
  },
  'dataset-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no dataset is named "{dataset}"',
    remedy: 'The datasets are: {known}.',
  },
  'partition-key-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{key}" is not a partition key of grain {grain}',
    remedy: 'Write it like {example}; a range is written FROM..TO.',
  },
  'tenant-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no tenant is named "{tenant}"',
    remedy:
      'Choose one with --tenant or MILLRACE_TENANT; `millrace status` lists those that you may see.',
  },

  // doors: settings, server, command line
  'settings-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'settings that cannot be used: {problems}',
    remedy: 'Correct or unset these variables; `millrace config` lists every setting.',
  },
  unauthenticated: {
    kind: 'user',
    status: 401,
    retryable: false,
    text: 'this address needs an API key, and the request brought none that is valid',
    remedy:
      'Send `Authorization: Bearer <key>`, or the key as the password of basic authentication; `millrace keys create` makes one.',
  },
  forbidden: {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{operation} needs the permission "{permission}", which {caller} does not have',
    remedy:
      'Use a key with that permission; `millrace keys create --permissions {permission}` makes one.',
  },
  'route-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'nothing is served at {method} {path}',
    remedy: 'The addresses are listed in docs/reference/rest.md and on the page at /.',
  },
  'method-not-allowed': {
    kind: 'user',
    status: 405,
    retryable: false,
    text: '{path} does not answer {method}',
    remedy: 'Use {allowed}.',
  },
  'json-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the body is not JSON that can be read: {message}',
    remedy: 'Send one JSON object in UTF-8, nested at most {depthMax} deep, without repeated keys.',
  },
  'request-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the request cannot be read: {message}',
    remedy: 'Correct the request and send it again.',
  },
  'body-too-large': {
    kind: 'user',
    status: 413,
    retryable: false,
    text: 'the body is larger than {maxBytes} bytes',
    remedy: 'Send less in one request.',
  },
  'media-type-unsupported': {
    kind: 'user',
    status: 415,
    retryable: false,
    text: 'a body of type "{type}" is not understood here',
    remedy: 'Send `Content-Type: application/json`.',
  },
  'format-unavailable': {
    kind: 'user',
    status: 406,
    retryable: false,
    text: 'rows are not served as "{type}"',
    remedy:
      'Ask for application/json, text/csv, application/x-ndjson or application/vnd.apache.parquet.',
  },
  'rows-too-many': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{dataset} has {rows} rows in these partitions, and one request answers at most {max}',
    remedy:
      'Name fewer partitions, add `limit`, or fetch all of them with `millrace show {dataset} --format {format} --out {dataset}.{format}`.',
  },
  'rows-unpublished': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: '{dataset} has nothing published for {partitions}',
    remedy:
      '`millrace status {dataset}` says what is there and why; `millrace run {dataset}` computes it.',
  },
  'run-name-ambiguous': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: '"{run}" fits several runs: {candidates}',
    remedy: 'Write more of the id.',
  },
  'server-unreachable': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'the server at {url} does not answer: {message}',
    remedy: 'Start it with `millrace serve`, or correct MILLRACE_URL.',
  },
  'answer-unreadable': {
    kind: 'operational',
    status: 502,
    retryable: false,
    text: '{url} answered {status} with something that is not an answer of Millrace',
    remedy:
      'Check that MILLRACE_URL is the address of a Millrace server, and what stands in front of it.',
  },
  'server-stopping': {
    kind: 'operational',
    status: 503,
    retryable: true,
    text: 'this server is stopping and takes no new requests',
    remedy: 'Try again in a moment.',
  },
  'port-busy': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'port {port} on {host} is in use by another program',
    remedy: 'Choose another with --port or MILLRACE_PORT; --port 0 takes any free one.',
  },
  'listen-denied': {
    kind: 'operational',
    status: 503,
    retryable: false,
    text: 'listening on {host}:{port} is not possible: {message}',
    remedy: 'Correct MILLRACE_HOST and MILLRACE_PORT.',
  },
  'output-unwritable': {
    kind: 'operational',
    status: 500,
    retryable: false,
    text: 'writing {path}: {message}',
    remedy: 'Choose another place with --out.',
  },
} as const satisfies Record<string, ErrorEntry>
