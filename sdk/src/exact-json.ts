/**
 * JSON in which numbers keep their digits. Read: an integer that a double cannot hold becomes a
 * `bigint`, any other such number its text. Written: a `bigint` becomes its digits.
 */

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g

export function parseExact(text: string): unknown {
  // No text of an answer has it: the server takes none with a NUL.
  const mark = '\u0000'
  const marked = text.replace(token, (literal) =>
    literal.startsWith('"') || isExact(literal) ? literal : JSON.stringify(mark + literal),
  )
  return JSON.parse(marked, (_key, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(mark)) return value
    const digits = value.slice(1)
    return /^-?\d+$/.test(digits) ? BigInt(digits) : digits
  }) as unknown
}

export function stringifyExact(value: unknown): string {
  const marked = JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'bigint' ? `\u0000${inner}` : inner,
  )
  return marked.replace(/"\\u0000(-?\d+)"/g, '$1')
}

function isExact(literal: string): boolean {
  const value = Number(literal)
  return Number.isFinite(value) && plain(String(value)) === plain(literal)
}

/** Digits and exponent in one form: `-1.50e3` and `-1500` are equal. */
function plain(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}
