import { columnOf, columnStart, type Level } from '~/matrix/levels.ts'

/** What the server says of one row (`tiles` of `matrix.show`). */
export interface PackedTiles {
  readonly level: Level
  readonly first: number
  readonly runs: readonly number[]
}

/** Neighbours that count alike. */
export interface Run {
  readonly column: number
  readonly columns: number
  /** By state, in the server's order. */
  readonly counts: readonly number[]
  /** The only state that there is; -1: there are several. */
  readonly single: number
  readonly squares: number
}

export interface RowTiles {
  readonly level: Level
  /** Ascending. */
  readonly runs: readonly Run[]
}

export function unpack({ level, first, runs }: PackedTiles, states: number): RowTiles {
  const found: Run[] = []
  let column = first
  for (let at = 0; at < runs.length;) {
    column += runs[at] ?? 0
    const columns = runs[at + 1] ?? 0
    const mask = runs[at + 2] ?? 0
    at += 3
    const counts: number[] = []
    let squares = 0
    for (let state = 0; state < states; state++) {
      const count = mask & (1 << state) ? (runs[at++] ?? 0) : 0
      counts.push(count)
      squares += count
    }
    const single = (mask & (mask - 1)) === 0 ? 31 - Math.clz32(mask) : -1
    found.push({ column, columns, counts, single, squares })
    column += columns
  }
  return { level, runs: found }
}

/** The tile that holds an instant; null: nothing is there. */
export function tileAt({ level, runs }: RowTiles, ms: number): { column: number; run: Run } | null {
  const column = level === 'all' ? 0 : columnOf(ms, level)
  const run = runs[firstRunFrom(runs, column)]
  return run && run.column <= column ? { column, run } : null
}

/** Place of the first run that reaches a column or lies behind it. */
export function firstRunFrom(runs: readonly Run[], column: number): number {
  let low = 0
  let high = runs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const run = runs[middle] as Run
    if (run.column + run.columns <= column) low = middle + 1
    else high = middle
  }
  return low
}

/** The next column with squares in a direction; far ones are as good as near ones. Null: there is none. */
export function nextColumn({ runs }: RowTiles, column: number, step: 1 | -1): number | null {
  if (step > 0) {
    const run = runs[firstRunFrom(runs, column + 1)]
    return run ? Math.max(run.column, column + 1) : null
  }
  const at = firstRunFrom(runs, column)
  const here = runs[at]
  if (here && here.column < column) return column - 1
  const before = runs[at - 1]
  return before ? before.column + before.columns - 1 : null
}

/** How many squares begin within a stretch of time, by state; tiles that it touches count whole. */
export function countWithin(row: RowTiles, fromMs: number, toMs: number): number[] {
  const { level, runs } = row
  const totals: number[] = []
  const first = level === 'all' ? 0 : columnOf(fromMs, level)
  const last = level === 'all' ? 0 : columnOf(toMs - 1, level)
  for (let at = firstRunFrom(runs, first); at < runs.length; at++) {
    const run = runs[at] as Run
    if (run.column > last) break
    const columns = Math.min(run.column + run.columns - 1, last) - Math.max(run.column, first) + 1
    for (const [state, count] of run.counts.entries()) {
      totals[state] = (totals[state] ?? 0) + count * columns
    }
  }
  return totals
}

/** Start and end of the column, in milliseconds. */
export function boundsOf(column: number, level: Level): [number, number] {
  return [columnStart(column, level), columnStart(column + 1, level)]
}
