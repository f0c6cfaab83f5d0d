import type { ErrorEntry } from '#kernel/error-entry.ts'

export const receiptErrors = {
  'version-swept': {
    kind: 'user',
    status: 410,
    retryable: false,
    text: 'what {dataset} held then is not kept any more',
    remedy:
      'Ask for a later commit or time, or for what is published now. Receipts of then remain.',
  },
  'receipt-unknown': {
    kind: 'user',
    status: 404,
    retryable: false,
    text: 'there is no receipt {receipt}',
    remedy: 'Take the id from the header Millrace-Receipt, from the answer, the file or the mail.',
  },
  'as-of-invalid': {
    kind: 'user',
    status: 400,
    retryable: false,
    text: '"{value}" is neither a commit number nor a time',
    remedy: 'Write a commit number (17), a day (2026-11-02) or a time (2026-11-02T10:00:00Z).',
  },
} as const satisfies Record<string, ErrorEntry>
