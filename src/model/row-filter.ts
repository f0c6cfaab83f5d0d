import type { RowFilter } from '#model/access.ts'

/**
 * Why a condition can never hold for a column of that type (an engine's name; null: not known);
 * null when it can. The engine reads the values itself: what it cannot read, no row meets.
 */
export function filterProblem(
  { column, op, value }: RowFilter,
  type: string | null,
): string | null {
  if ((op === 'in') !== Array.isArray(value)) {
    return `${column}: ${op} takes ${op === 'in' ? 'a list of values' : 'one value'}`
  }
  if (type === null) return null
  if (type.endsWith('[]')) return `${column} holds lists, which no condition can be on`
  if (type === 'BOOLEAN' && !['eq', 'ne', 'in'].includes(op)) {
    return `${column} is true or false: eq, ne and in are the conditions for it`
  }
  const problems = [value].flat().map((text) => valueProblem(column, type, text))
  return problems.find((problem) => problem !== null) ?? null
}

/** Why the text is no value of a column of that type (an engine's name); null when it is one. */
export function valueProblem(column: string, type: string, text: string): string | null {
  const [, isReadable, spoken] = forms.find(([form]) => form.test(type)) ?? []
  if (isReadable === undefined || isReadable(text, type)) return null
  const shown = text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
  return `${column} is ${spoken}, which "${shown}" is not`
}

const SHOWN_MAX = 100
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i
const DATE = /^\d{4}-\d\d-\d\d$/
const TIMESTAMP = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?$/
const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i

const integerBits: Readonly<Record<string, bigint>> = {
  TINYINT: 8n,
  SMALLINT: 16n,
  INTEGER: 32n,
  BIGINT: 64n,
  HUGEINT: 128n,
}

type Form = readonly [RegExp, (text: string, type: string) => boolean, string]

const forms: readonly Form[] = [
  [/^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/, isInteger, 'a whole number'],
  [/^(DOUBLE|FLOAT)$/, (text) => NUMBER.test(text) && Number.isFinite(Number(text)), 'a number'],
  [/^DECIMAL/, isDecimal, 'a decimal number'],
  [/^BOOLEAN$/, (text) => text === 'true' || text === 'false', 'true or false'],
  [/^DATE$/, (text) => DATE.test(text) && isDay(text), 'a date such as 2021-04-17'],
  [
    /^TIMESTAMP/,
    (text) => TIMESTAMP.test(text) && isDay(text) && isTime(text),
    'a time such as 2021-04-17T08:30:00Z',
  ],
  [
    /^TIME$/,
    (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$/.test(text),
    'a time of day such as 08:30:00',
  ],
  [/^UUID$/, (text) => UUID.test(text), 'a UUID'],
]

function isInteger(text: string, type: string): boolean {
  if (!/^-?\d{1,40}$/.test(text)) return false
  const value = BigInt(text)
  const isUnsigned = type.startsWith('U')
  const bits = integerBits[isUnsigned ? type.slice(1) : type] ?? 64n
  return isUnsigned
    ? value >= 0n && value < 1n << bits
    : value >= -(1n << (bits - 1n)) && value < 1n << (bits - 1n)
}

/** The engine holds 38 digits, wherever the point is. */
function isDecimal(text: string): boolean {
  const [, whole, fraction = ''] = /^-?(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  return whole !== undefined && whole.length + fraction.length <= 38
}

/** The calendar has it: there is no 31 April. */
function isDay(text: string): boolean {
  const day = text.slice(0, 10)
  const time = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text.replace(' ', 'T')))
}
