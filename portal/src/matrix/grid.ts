import { columnOf, columnStart, type Level } from '~/matrix/levels.ts'
import { AXIS_HEIGHT, ROW_HEIGHT, type DrawnRow } from '~/matrix/paint.ts'
import { placeOf, type Place } from '~/matrix/places.ts'
import { countWithin, tileAt, type Run } from '~/matrix/tiles.ts'
import { timeAt, type View } from '~/matrix/view.ts'

/** One line as the canvas shows it. */
export interface GridRow extends DrawnRow {
  readonly key: string
  readonly label: string
  readonly grain: string
}

export interface Grid {
  readonly states: readonly string[]
  readonly rowsAll: number
  /** Undefined: it is on its way. */
  readonly rowAt: (index: number) => GridRow | undefined
  /** Null: nothing has a time. */
  readonly extent: View | null
}

/** Where a pointer is, in rows and time. */
export interface Spot {
  readonly row: number
  readonly ms: number
}

export interface Box {
  readonly view: View
  readonly width: number
  readonly top: number
}

export function spotAt(grid: Grid, { view, width, top }: Box, x: number, y: number): Spot {
  const row = Math.floor((y - AXIS_HEIGHT + top) / ROW_HEIGHT)
  return {
    row: Math.min(Math.max(row, 0), Math.max(0, grid.rowsAll - 1)),
    ms: timeAt(view, width, x),
  }
}

export interface Square {
  readonly row: GridRow
  readonly index: number
  readonly level: Level
  readonly column: number
  readonly run: Run
}

/** The tile at a spot; null: nothing is there. */
export function squareAt(grid: Grid, { row: index, ms }: Spot): Square | null {
  const row = grid.rowAt(index)
  const tile = row && tileAt(row.tiles, ms)
  return row && tile ? { row, index, level: row.tiles.level, ...tile } : null
}

export interface Band {
  readonly firstRow: number
  readonly lastRow: number
  readonly from: number
  readonly to: number
}

/** The rows and whole columns between two spots; of one row, columns of its own. */
export function bandOf(grid: Grid, level: Level, a: Spot, b: Spot): Band {
  const firstRow = Math.min(a.row, b.row)
  const lastRow = Math.max(a.row, b.row)
  const own = firstRow === lastRow ? grid.rowAt(firstRow)?.tiles.level : undefined
  const by = own === undefined || own === 'all' ? level : own
  return {
    firstRow,
    lastRow,
    from: columnStart(columnOf(Math.min(a.ms, b.ms), by), by),
    to: columnStart(columnOf(Math.max(a.ms, b.ms), by) + 1, by),
  }
}

/** What of the rows lies in a band; rows that have nothing there are left out. */
export function placesIn(grid: Grid, { firstRow, lastRow, from, to }: Band): Place[] {
  const places: Place[] = []
  const whole = new Set<string>()
  for (let index = firstRow; index <= lastRow; index++) {
    const row = grid.rowAt(index)
    if (!row || (row.part !== null && whole.has(row.dataset))) continue
    if (!countWithin(row.tiles, from, to).some((count) => count > 0)) continue
    if (row.part === null) whole.add(row.dataset)
    places.push(placeOf(row, from, to))
  }
  return places
}
