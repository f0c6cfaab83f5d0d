import type { ErrorEntry } from '#kernel/error-entry.ts'

export const answerErrors = {
  'column-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{subject} has no column "{column}"',
    remedy: '{suggestion}',
  },
  'condition-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the condition on {column} cannot be read: {problem}',
    remedy:
      'Write it as `where.{column}=op.value` with eq, ne, lt, le, gt, ge, in (`in.a,b`), is (`is.null`, `is.not-null`), starts or contains.',
  },
  'parameter-unknown': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{subject} has no parameter "{parameter}"',
    remedy: '{suggestion}',
  },
  'parameter-missing': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{subject} needs the parameter "{parameter}": {description}',
    remedy: 'Give it a value: `{parameter}=…`.',
  },
  'parameter-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '{subject}: {problem}',
    remedy: 'Correct the parameter "{parameter}" and ask again.',
  },
  'cursor-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the cursor is none of this request',
    remedy:
      'Send `cursor` as it came with the page before, with the same parameters, conditions, columns and order; or ask for the first page again, without one.',
  },
  'cursor-expired': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'the versions that {subject} was read from for the first page are not kept any more',
    remedy: 'Ask for the first page again, without a cursor: it reads what is published now.',
  },
  'as-of-future': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'commit {commit} has not been made yet; the newest is {newest}',
    remedy: 'Ask as of {newest} or an earlier one, or leave it out for what is published now.',
  },
  'answer-column-hidden': {
    kind: 'user',
    status: 403,
    retryable: false,
    text: '{subject} needs the column "{column}", which you may not see',
    remedy: 'Ask an admin of the tenant for a key or role that sees this column.',
  },
} as const satisfies Record<string, ErrorEntry>
