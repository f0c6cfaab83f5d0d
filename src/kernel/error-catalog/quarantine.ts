import type { ErrorEntry } from '#kernel/errors.ts'

export const quarantineErrors = {
  'source-json': {
    kind: 'user',
    status: 422,
    retryable: false,
    text: '{location} is not the JSON that its source reads: {message} (line {line}, byte {byte})',
    remedy:
      'Correct the file, or the format of the source (`ndjson`: an object a line); what is published stays as it is.',
  },
} as const satisfies Record<string, ErrorEntry>
