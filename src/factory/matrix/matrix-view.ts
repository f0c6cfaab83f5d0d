import {
  rowsOf,
  squaresOf,
  totalsOf,
  type MatrixRow,
  type RowsAsked,
} from '#factory/matrix/rows.ts'
import type { MatrixDataset, MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import { squareStates } from '#factory/matrix/square-state.ts'
import { tilesOf, type Span, type Tiles } from '#factory/matrix/tiles.ts'
import { columnOf, columnStart, levelFor, type Level } from '#factory/matrix/time-axis.ts'
import { endOf } from '#model/partition-key.ts'
import { periodOf } from '#model/partition-key-parts.ts'

export interface MatrixAsked extends RowsAsked {
  /** Null: everything that there is. */
  readonly from: Date | null
  readonly to: Date | null
  /** Most columns; the level follows from them. */
  readonly columns: number
  readonly firstRow: number
  readonly rowsMax: number
}

export interface MatrixView {
  /** Of all squares that have a time; null: none has. */
  readonly extent: Span | null
  readonly span: Span | null
  readonly level: Level
  readonly rows: readonly (MatrixRow & {
    readonly totals: readonly number[]
    readonly tiles: Tiles
  })[]
  readonly rowsAll: number
  /** Of the datasets of all rows, by state. */
  readonly totals: readonly number[]
  /** All rows as one, over the whole extent; null: nothing has a time. */
  readonly overview: Tiles | null
}

const OVERVIEW_COLUMNS = 200

export function viewMatrix(snapshot: MatrixSnapshot, asked: MatrixAsked): MatrixView {
  const rows = rowsOf(snapshot, asked)
  const datasets = rows.filter(({ part }) => part === null).map(({ of }) => of)
  const extent = extentOf(datasets)
  const span = spanOf(extent, asked)
  const level = span ? levelFor(span.fromMs, span.toMs, asked.columns) : 'all'
  const shown = rows.slice(asked.firstRow, asked.firstRow + asked.rowsMax)
  return {
    extent,
    span,
    level,
    rows: shown.map((row) => ({
      ...row,
      totals: totalsOf(row),
      tiles: tilesOf(squaresOf(row), span ?? { fromMs: 0, toMs: 0 }, level),
    })),
    rowsAll: rows.length,
    totals: sumOf(datasets.map(({ totals }) => totals)),
    overview: extent && overviewOf(datasets, extent),
  }
}

/** From the first period to the end of the last one. */
export function extentOf(datasets: readonly MatrixDataset[]): Span | null {
  let fromMs = Infinity
  let toMs = -Infinity
  for (const { node, starts } of datasets) {
    const { partitioning } = node.definition
    const last = node.domain.at(-1)
    if (partitioning.grain === 'none' || last === undefined) continue
    fromMs = Math.min(fromMs, starts[0] as number)
    toMs = Math.max(toMs, endOf(periodOf(last, partitioning), partitioning.grain).getTime())
  }
  return fromMs < toMs ? { fromMs, toMs } : null
}

export function spanOf(
  extent: Span | null,
  { from, to }: Pick<MatrixAsked, 'from' | 'to'>,
): Span | null {
  const fromMs = from?.getTime() ?? extent?.fromMs
  const toMs = to?.getTime() ?? extent?.toMs
  if (fromMs === undefined || toMs === undefined || fromMs >= toMs) return extent
  return { fromMs, toMs }
}

export function sumOf(counts: readonly (readonly number[])[]): number[] {
  return squareStates.map((_state, code) =>
    counts.reduce((sum, own) => sum + (own[code] as number), 0),
  )
}

/** Squares count where their periods begin, so that none counts twice. */
function overviewOf(datasets: readonly MatrixDataset[], extent: Span): Tiles {
  const level = levelFor(extent.fromMs, extent.toMs, OVERVIEW_COLUMNS)
  const first = columnOf(extent.fromMs, level)
  const columns = columnOf(extent.toMs - 1, level) - first + 1
  const counts = new Uint32Array(columns * squareStates.length)
  for (const { states, starts, node } of datasets) {
    if (node.definition.partitioning.grain === 'none') continue
    let column = 0
    let ends = columnStart(first + 1, level)
    for (const [position, start] of starts.entries()) {
      if (start >= ends) {
        const found = columnOf(start, level)
        column = found - first
        ends = columnStart(found + 1, level)
      }
      const at = column * squareStates.length + (states[position] as number)
      counts[at] = (counts[at] as number) + 1
    }
  }
  return { level, first, runs: runsOf(counts, columns) }
}

function runsOf(counts: Uint32Array, columns: number): number[] {
  const runs: number[] = []
  let gap = 0
  for (let column = 0; column < columns; column++) {
    const own = counts.subarray(column * squareStates.length, (column + 1) * squareStates.length)
    const numbers = [...own].filter((count) => count > 0)
    if (numbers.length === 0) {
      gap++
      continue
    }
    const mask = own.reduce((bits, count, state) => (count > 0 ? bits | (1 << state) : bits), 0)
    runs.push(gap, 1, mask, ...numbers)
    gap = 0
  }
  return runs
}
