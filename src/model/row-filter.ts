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
  if (type?.endsWith('[]')) return `${column} holds lists, which no condition can be on`
  if (type === 'BOOLEAN' && !['eq', 'ne', 'in'].includes(op)) {
    return `${column} is true or false: eq, ne and in are the conditions for it`
  }
  const form = type === null ? undefined : forms.find(([prefix]) => type.startsWith(prefix))
  if (!form) return null
  const [, isReadable, spoken] = form
  const odd = [value].flat().find((text) => !isReadable(text))
  return odd === undefined ? null : `${column} is ${spoken}, which "${odd}" is not`
}

const DATE = /^\d{4}-\d\d-\d\d$/
const TIMESTAMP = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?$/

const forms: readonly (readonly [string, (text: string) => boolean, string])[] = [
  ['BIGINT', (text) => /^-?\d{1,18}$/.test(text), 'a whole number'],
  ['DOUBLE', (text) => text.trim() !== '' && Number.isFinite(Number(text)), 'a number'],
  ['DECIMAL', (text) => /^-?\d+(\.\d+)?$/.test(text), 'a decimal number'],
  ['BOOLEAN', (text) => text === 'true' || text === 'false', 'true or false'],
  ['DATE', (text) => DATE.test(text) && isTime(text), 'a date such as 2021-04-17'],
  [
    'TIMESTAMP',
    (text) => TIMESTAMP.test(text) && isTime(text),
    'a time such as 2021-04-17T08:30:00Z',
  ],
]

function isTime(text: string): boolean {
  return !Number.isNaN(Date.parse(text.replace(' ', 'T')))
}
