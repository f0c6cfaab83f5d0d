import { identifier } from '#engine/sql-text.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { Binder } from '#serving/answers/binder.ts'
import type { Position } from '#serving/answers/cursor.ts'
import type { OrderTerm } from '#serving/answers/order.ts'

/**
 * Rows that stand in the order where the last given row stood, or behind it: those with equal values
 * are among them, and as many as were given are left out by their number.
 */
export function fromPosition(
  terms: readonly OrderTerm[],
  values: readonly (string | null)[],
  columns: readonly ResultColumn[],
  binder: Binder,
): string {
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const places = terms.map(({ column }, at) => {
    const value = values[at] ?? null
    return value === null ? null : binder.bind(types.get(column) ?? 'VARCHAR', value)
  })
  const equal = terms.map(({ column }, at) => {
    const place = places[at] ?? null
    return place === null ? `${identifier(column)} IS NULL` : `${identifier(column)} = ${place}`
  })
  const branches = terms.map((term, at) =>
    [...equal.slice(0, at), behind(term, places[at] ?? null)].join(' AND '),
  )
  return [...branches, equal.join(' AND ')].map((branch) => `(${branch || 'true'})`).join(' OR ')
}

function behind({ column, descending, nullsFirst }: OrderTerm, place: string | null): string {
  const name = identifier(column)
  if (place === null) return nullsFirst ? `${name} IS NOT NULL` : 'false'
  const further = `${name} ${descending ? '<' : '>'} ${place}`
  return nullsFirst ? further : `(${further} OR ${name} IS NULL)`
}

type Values = readonly (string | null)[]

/**
 * Where a page of JSON rows ends. Null where that cannot be told from the rows: a column of the order
 * is not among them, or JSON does not say which number it is (NaN and infinities are null there).
 */
export function endOf(
  json: Uint8Array,
  terms: readonly OrderTerm[],
  columns: readonly ResultColumn[],
  before: Position['last'],
): Position['last'] {
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  if (terms.length === 0 || terms.some(({ column }) => !types.has(column))) return null
  const rows = parseExactJson(Buffer.from(json).toString('utf8')) as Record<string, unknown>[]
  const valuesAt = (at: number): Values =>
    terms.map(({ column }) => textOf(rows[at]?.[column] ?? null))
  const last = valuesAt(rows.length - 1)
  const isVague = terms.some(
    ({ column }, at) => last[at] === null && /^(DOUBLE|FLOAT)$/.test(types.get(column) ?? ''),
  )
  if (isVague) return null
  let ties = 1
  while (ties < rows.length && isEqual(valuesAt(rows.length - 1 - ties), last)) ties++
  const goesOn = ties === rows.length && before !== null && isEqual(before.values, last)
  return { values: last, ties: goesOn ? before.ties + ties : ties }
}

function textOf(value: unknown): string | null {
  if (value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function isEqual(a: Values, b: Values): boolean {
  return a.every((value, at) => value === b[at])
}
