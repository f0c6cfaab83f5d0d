const DASH = 45
const COLON = 58

/** What a text is to a column. */
export const cellForms = {
  /** DuckDB's cast reads it as it is. */
  plain: 0,
  /** Readable, but it has to be written in another way first. */
  rewrite: 1,
  unreadable: 2,
} as const

export type CellForm = (typeof cellForms)[keyof typeof cellForms]

/**
 * `YYYY-MM-DD` (00:00:00), or `YYYY-MM-DD HH:MM:SS[.ffffff]` with a space or `T`, then nothing, `Z`
 * or an offset (`+02:00`, `+0200`, `+02`). Dates must exist. With an offset it has to be rewritten:
 * DuckDB's cast to TIMESTAMP ignores offsets.
 */
export function timestampForm(bytes: Uint8Array, start: number, end: number): CellForm {
  const dated = dateForm(bytes, start, start + 10 <= end ? start + 10 : end)
  if (dated === cellForms.unreadable || end - start === 10) return dated
  const gap = bytes[start + 10]
  if (end - start < 19 || (gap !== 32 && gap !== 84)) return cellForms.unreadable
  const hour = pair(bytes, start + 11)
  const minute = pair(bytes, start + 14)
  const second = pair(bytes, start + 17)
  if (bytes[start + 13] !== COLON || bytes[start + 16] !== COLON) return cellForms.unreadable
  // NaN (not digits) fails every comparison.
  if (!(hour < 24 && minute < 60 && second < 60)) return cellForms.unreadable
  let i = start + 19
  if (i === end) return cellForms.plain
  if (bytes[i] === 46) {
    const first = ++i
    while (i < end && isDigit(bytes[i])) i++
    if (i === first || i - first > 6) return cellForms.unreadable
    if (i === end) return cellForms.plain
  }
  const zoned = zoneForm(bytes, i, end)
  // In UTC it might leave the four-digit years.
  const outermost = year(bytes, start) === 1 || year(bytes, start) === 9999
  return outermost && bytes[i] !== 90 ? cellForms.unreadable : zoned
}

/** `YYYY-MM-DD`, a date that exists, years 0001 to 9999. */
export function dateForm(bytes: Uint8Array, start: number, end: number): CellForm {
  if (end - start !== 10 || bytes[start + 4] !== DASH || bytes[start + 7] !== DASH) {
    return cellForms.unreadable
  }
  const month = pair(bytes, start + 5)
  const day = pair(bytes, start + 8)
  const fits =
    year(bytes, start) >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year(bytes, start), month)
  return fits ? cellForms.plain : cellForms.unreadable
}

/** A readable timestamp with an offset, in UTC as DuckDB reads it. */
export function timestampToUtc(text: string): string {
  const [, date = '', time = '', fraction = '', zone = ''] =
    /^(.{10}).(.{8})(\.\d+)?(.*)$/.exec(text) ?? []
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d\d):?(\d\d)?$/.exec(zone) ?? []
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  const utc = new Date(Date.parse(`${date}T${time}Z`) - offsetMs)
  return utc.toISOString().slice(0, 19).replace('T', ' ') + fraction
}

function zoneForm(bytes: Uint8Array, at: number, end: number): CellForm {
  const sign = bytes[at]
  if (sign === 90) return at + 1 === end ? cellForms.rewrite : cellForms.unreadable
  if (sign !== 43 && sign !== DASH) return cellForms.unreadable
  const length = end - at - 1
  const colon = length === 5
  if (length !== 2 && length !== 4 && !colon) return cellForms.unreadable
  if (colon && bytes[at + 3] !== COLON) return cellForms.unreadable
  const minutes = length === 2 ? 0 : pair(bytes, at + (colon ? 4 : 3))
  return pair(bytes, at + 1) <= 15 && minutes < 60 ? cellForms.rewrite : cellForms.unreadable
}

const monthDays = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

function daysIn(inYear: number, month: number): number {
  const leap = month === 2 && inYear % 4 === 0 && (inYear % 100 !== 0 || inYear % 400 === 0)
  return (monthDays[month] ?? 0) + (leap ? 1 : 0)
}

function year(bytes: Uint8Array, at: number): number {
  return pair(bytes, at) * 100 + pair(bytes, at + 2)
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57
}

/** Two digits as a number; NaN where they are none. */
function pair(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - 48
  const ones = (bytes[at + 1] as number) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}
