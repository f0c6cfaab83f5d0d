import type { ErrorEntry } from '#kernel/error-entry.ts'

export const queryErrors = {
  'query-invalid': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{subject} cannot be run: {message}',
    remedy:
      "Correct the SQL: one SELECT over datasets by their names, in DuckDB's dialect, with $name for parameters.",
  },
  'queries-too-many': {
    kind: 'user',
    status: 429,
    retryable: true,
    text: '{waiting} queries of this tenant wait already; {subject} was not taken in',
    remedy: 'Ask again in {retryAfterSeconds} s, with fewer requests at the same time.',
  },
  'answer-too-large': {
    kind: 'user',
    status: 413,
    retryable: false,
    text: 'the answer of {subject} is larger than the {limitMb} MB that one request may take',
    remedy: 'Ask for fewer rows or columns, or take it as a file.',
  },
  'customer-sql-off': {
    kind: 'operational',
    status: 403,
    retryable: false,
    text: 'SQL of customers is not run on this machine: {reason}',
    remedy:
      'Ask the operators: `millrace doctor` tells what the jail for SQL of customers needs. Endpoints answer without it.',
  },
  'saved-query-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no saved query "{query}"',
    remedy:
      'List those that there are with `millrace saved-queries list` or GET /v1/saved-queries.',
  },
  'saved-query-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'there is a saved query "{query}" already',
    remedy: 'Change that one with `millrace saved-queries update {query}`, or take another name.',
  },
  'saved-queries-too-many': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: 'this tenant has {max} saved queries, which is as many as it may have',
    remedy: 'Remove some that nobody runs: `millrace saved-queries remove <name>`.',
  },
} as const satisfies Record<string, ErrorEntry>
