import { numberOf } from '#charts/chart-options.ts'
import { meaningOf, type ShownColumn } from '~/charts/choose-chart.ts'
import { plainText } from '~/screens/explore/plain-text.ts'
import type { Row } from '~/screens/explore/rows.ts'

export type Change = 'changed' | 'added' | 'removed'

/** One number (or text) of one row that is another one now. */
export interface Difference {
  readonly change: Change
  /** What tells the row apart: its names and times. */
  readonly name: string
  readonly column: string
  readonly before: unknown
  readonly after: unknown
  /** Null where they are no numbers, or there is one only. */
  readonly by: number | null
}

export interface Differences {
  readonly list: readonly Difference[]
  readonly changed: number
  readonly added: number
  readonly removed: number
}

/**
 * What differs between two states of the same question, row by row: rows are the same when their names
 * and times are; of several with the same ones the first belongs to the first.
 */
export function differencesOf(
  columns: readonly ShownColumn[],
  before: readonly Row[],
  after: readonly Row[],
): Differences {
  const isNumber = (column: ShownColumn) => meaningOf(column, after) === 'number'
  const keys = keysOf(columns.filter((column) => !isNumber(column)))
  const values = columns.filter(isNumber).map(({ name }) => name)
  const then = keyed(keys, before)
  const now = keyed(keys, after)
  const list: Difference[] = []
  let [changed, added, removed] = [0, 0, 0]
  for (const [key, { name, row }] of now) {
    const former = then.get(key)?.row
    if (former === undefined) {
      added += 1
      list.push(...values.map((column) => told('added', name, column, undefined, row[column])))
      continue
    }
    const own = values.filter((column) => plain(former[column]) !== plain(row[column]))
    if (own.length > 0) changed += 1
    list.push(...own.map((column) => told('changed', name, column, former[column], row[column])))
  }
  for (const [key, { name, row }] of then) {
    if (now.has(key)) continue
    removed += 1
    list.push(...values.map((column) => told('removed', name, column, row[column], undefined)))
  }
  return { list, changed, added, removed }
}

/** Ranks and the like change with the numbers: they tell rows apart only where no name does. */
function keysOf(columns: readonly ShownColumn[]): string[] {
  const names = columns.filter(({ type }) => !/INT|^(DOUBLE|FLOAT|DECIMAL)/.test(type ?? ''))
  return (names.length > 0 ? names : columns).map(({ name }) => name)
}

function told(
  change: Change,
  name: string,
  column: string,
  before: unknown,
  after: unknown,
): Difference {
  const [was, is] = [numberOf(before), numberOf(after)]
  return { change, name, column, before, after, by: was === null || is === null ? null : is - was }
}

function keyed(keys: readonly string[], rows: readonly Row[]) {
  const found = new Map<string, { readonly name: string; readonly row: Row }>()
  const counts = new Map<string, number>()
  rows.forEach((row) => {
    const own = JSON.stringify(keys.map((key) => plain(row[key])))
    const count = counts.get(own) ?? 0
    counts.set(own, count + 1)
    const said = new Set(keys.map((key) => plain(row[key])))
    const name = [...said].join(' · ') || `#${count + 1}`
    found.set(`${own} ${count}`, { name, row })
  })
  return found
}

function plain(value: unknown): string {
  return value === null || value === undefined ? '–' : plainText(value)
}
