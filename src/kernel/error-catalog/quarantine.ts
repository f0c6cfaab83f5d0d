import type { ErrorEntry } from '#kernel/error-entry.ts'

export const quarantineErrors = {
  'source-json': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} is not the JSON that its source reads: {message} (line {line}, byte {byte})',
    remedy:
      'Correct the file, or the format of the source (`ndjson`: an object a line); what is published stays as it is.',
  },
  'repair-exists': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'a repair named "{repair}" exists already',
    remedy: 'Choose another name, or end that one first: `millrace repairs end {repair}`.',
  },
  'repair-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no repair "{repair}"',
    remedy: '`millrace repairs list` shows those that there are.',
  },
  'repair-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the repair of {dataset} is not usable: {problem}',
    remedy: 'Correct it; docs/guides/quarantine.md says what each kind takes.',
  },
  'fix-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: 'the fix of {dataset} {partition} is not usable: {problem}',
    remedy:
      'Name each record by its hash or (of a file) its line, as `quarantine.list` shows them, and say one thing that is to be done with it.',
  },
  'record-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'no record of {dataset} {partition} that is held back is "{record}"',
    remedy: '`millrace quarantine list {dataset} {partition}` shows those that there are.',
  },
  'mends-none': {
    kind: 'user',
    status: 409,
    retryable: false,
    text: 'nothing of {dataset} waits to be applied',
    remedy: 'Write a fix (`quarantine.fix`) or a repair (`repairs.create`) first.',
  },
} as const satisfies Record<string, ErrorEntry>
