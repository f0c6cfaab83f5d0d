/**
 * JSON whose numbers survive as they were written: one that a double cannot hold (an id beyond 2^53,
 * a long decimal) is kept as its text, which `JSON.stringify` writes out again. To everything else
 * it looks like an object, so that a schema which wants a number refuses it.
 */

// JSON.rawJSON and the reviver's third argument are in Node 24, not yet in TypeScript's library.
const rawJson = JSON as unknown as {
  rawJSON(text: string): object
  isRawJSON(value: unknown): value is { readonly rawJSON: string }
}
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

/** Most texts have no such number, and are read at full speed. */
const longNumber = /\d[\d.]{15}|\d[eE]/

/** Throws SyntaxError as `JSON.parse` does. */
export function parseExactJson(text: string): unknown {
  if (!longNumber.test(text)) return JSON.parse(text)
  const revive: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && !isExact(value, source)
      ? rawJson.rawJSON(source)
      : value
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown)
}

/** The number as it was written, where a double cannot hold it; null for every other value. */
export function rawNumberText(value: unknown): string | null {
  return rawJson.isRawJSON(value) ? value.rawJSON : null
}

/** The same with plain numbers, the nearest that there are. */
export function toPlainJson(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value
  if (rawJson.isRawJSON(value)) return Number(value.rawJSON)
  if (Array.isArray(value)) return value.map(toPlainJson)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toPlainJson(inner)]))
}

/** True when the double, written out, means the number that was written. */
function isExact(value: number, source: string): boolean {
  return Number.isFinite(value) && plainDigits(String(value)) === plainDigits(source)
}

/** Digits and exponent in one form: `-1.50e3` and `-1500` are equal. */
function plainDigits(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}
