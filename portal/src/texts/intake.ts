/** Words about rows that come in: of sources, quarantine and data quality. */
export const intakeTexts = {
  received: 'Received',
  parts: {
    accepted: 'accepted',
    repaired: 'repaired',
    quarantined: 'quarantined',
    withheld: 'withheld',
    erased: 'erased',
  },
  rules: {
    unreadable: 'cannot be read',
    missing: 'is empty',
    'field-count': 'wrong number of fields',
    encoding: 'not UTF-8',
    syntax: 'not valid JSON',
    'not-an-object': 'no object',
    'key-duplicate': 'a key twice',
    'key-forbidden': 'a key that is not allowed',
    'value-second': 'two values on one line',
    'surrogate-lone': 'half a character',
    quote: 'a quote that is not closed',
    dropped: 'left out by somebody',
    'too-long': 'too long',
  } as Readonly<Record<string, string>>,
  wholeRow: 'the row as a whole',
} as const
