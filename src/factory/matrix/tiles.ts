import { squareStates } from '#factory/matrix/square-state.ts'
import { coarser, columnOf, columnStart, type Level } from '#factory/matrix/time-axis.ts'
import type { Grain } from '#model/partition-key.ts'

/**
 * The squares of one row, counted by column and state. `runs` are neighbours that count alike, one
 * after the other: columns left out since the former run, columns of this run, a mask with bit s set
 * where a column holds squares of state s, and then their number in each column, for each bit that is
 * set, the lowest first. A thousand fresh days are `[0, 1000, 1, 1]`.
 */
export interface Tiles {
  readonly level: Level
  /** Column that the first run counts from. */
  readonly first: number
  readonly runs: number[]
}

/** Squares in the order of time, and when their periods begin. */
export interface Squares {
  readonly grain: Grain
  readonly states: Uint8Array
  readonly starts: Float64Array
  /** Those of the row, ascending; null: all of them. */
  readonly positions: Int32Array | null
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export function tilesOf(squares: Squares, { fromMs, toMs }: Span, asked: Level): Tiles {
  const { grain, states, starts, positions } = squares
  const level = coarser(asked, grain)
  const writer = createWriter()
  const count = positions?.length ?? states.length
  const at = (index: number) => (positions ? (positions[index] as number) : index)
  if (level === 'all') {
    for (let index = 0; index < count; index++) writer.add(0, states[at(index)] as number)
    return { level, first: 0, runs: writer.end(0) }
  }
  const first = columnOf(fromMs, level)
  const from = columnStart(first, level)
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((starts[at(middle)] as number) < from) low = middle + 1
    else high = middle
  }
  let column = first
  let columnEnds = columnStart(first + 1, level)
  for (let index = low; index < count; index++) {
    const start = starts[at(index)] as number
    if (start >= toMs) break
    if (start >= columnEnds) {
      column = columnOf(start, level)
      columnEnds = columnStart(column + 1, level)
    }
    writer.add(column, states[at(index)] as number)
  }
  return { level, first, runs: writer.end(first) }
}

function createWriter() {
  const counts = new Uint32Array(squareStates.length)
  const runs: number[] = []
  /** Where the newest run stands in `runs`; its columns and those before it. */
  let open = -1
  let current = Number.NaN
  let last = Number.NaN
  let firstColumn = Number.NaN

  function flush(): void {
    if (Number.isNaN(current)) return
    let mask = 0
    const numbers: number[] = []
    for (let state = 0; state < counts.length; state++) {
      if (counts[state] === 0) continue
      mask |= 1 << state
      numbers.push(counts[state] as number)
    }
    if (open >= 0 && last + 1 === current && isSame(mask, numbers)) {
      runs[open + 1] = (runs[open + 1] as number) + 1
    } else {
      const gap = open < 0 ? 0 : current - last - 1
      if (open < 0) firstColumn = current
      open = runs.length
      runs.push(gap, 1, mask, ...numbers)
    }
    last = current
    counts.fill(0)
  }

  function isSame(mask: number, numbers: readonly number[]): boolean {
    return (
      runs[open + 2] === mask && numbers.every((number, index) => runs[open + 3 + index] === number)
    )
  }

  return {
    /** Columns ascend. */
    add(column: number, state: number): void {
      if (column !== current) {
        flush()
        current = column
      }
      counts[state] = (counts[state] as number) + 1
    },
    end(first: number): number[] {
      flush()
      if (runs.length > 0) runs[0] = firstColumn - first
      return runs
    },
  }
}
