import { axisOf } from '~/matrix/axis.ts'
import { columnStart } from '~/matrix/levels.ts'
import { columnOf } from '~/matrix/levels.ts'
import { drawShape, type Paint, type Palette } from '~/matrix/palette.ts'
import { covers, type Place } from '~/matrix/places.ts'
import { firstRunFrom, type RowTiles, type Run } from '~/matrix/tiles.ts'
import { xOf, type View } from '~/matrix/view.ts'

export const AXIS_HEIGHT = 36
export const ROW_HEIGHT = 24
const INSET = 3
/** Columns that are narrower have no gaps between them, and shapes need so much. */
const GAP_FROM = 4
const SHAPE_FROM = 13

export interface DrawnRow {
  readonly dataset: string
  readonly part: string | null
  readonly tiles: RowTiles
}

export interface Picture {
  readonly view: View
  readonly width: number
  readonly height: number
  /** Pixels that the rows are scrolled up by. */
  readonly top: number
  readonly rowAt: (index: number) => DrawnRow | undefined
  readonly rowsAll: number
  readonly palette: Palette
  /** By state: false is drawn pale. */
  readonly lit: readonly boolean[]
  readonly places: readonly Place[]
  /** The square under the keyboard; null: none. */
  readonly cursor: { readonly row: number; readonly from: number; readonly to: number } | null
  /** Rectangle that is being drawn. */
  readonly band: {
    readonly firstRow: number
    readonly lastRow: number
    readonly from: number
    readonly to: number
  } | null
}

export function paint(context: CanvasRenderingContext2D, picture: Picture): void {
  const { width, height, top, palette, rowsAll } = picture
  context.fillStyle = palette.surface
  context.fillRect(0, 0, width, height)
  const axis = axisOf(picture.view, width)
  context.fillStyle = palette.line
  for (const { x } of axis.above) context.fillRect(Math.round(x), AXIS_HEIGHT, 1, height)
  const first = Math.max(0, Math.floor(top / ROW_HEIGHT))
  const last = Math.min(rowsAll - 1, Math.floor((top + height - AXIS_HEIGHT) / ROW_HEIGHT))
  context.save()
  context.beginPath()
  context.rect(0, AXIS_HEIGHT, width, height - AXIS_HEIGHT)
  context.clip()
  for (let index = first; index <= last; index++) {
    const y = AXIS_HEIGHT + index * ROW_HEIGHT - top
    const row = picture.rowAt(index)
    if (row) paintRow(context, picture, row, y)
    else paintWaiting(context, picture, y)
  }
  paintSelection(context, picture, first, last)
  context.restore()
  paintAxis(context, picture, axis)
}

function paintWaiting(context: CanvasRenderingContext2D, { width, palette }: Picture, y: number) {
  context.globalAlpha = 0.5
  context.fillStyle = palette.line
  context.fillRect(0, y + INSET, width, ROW_HEIGHT - 2 * INSET)
  context.globalAlpha = 1
}

function paintRow(
  context: CanvasRenderingContext2D,
  picture: Picture,
  { tiles }: DrawnRow,
  y: number,
): void {
  const { view, width, lit, palette } = picture
  const { level, runs } = tiles
  if (level === 'all') {
    const [run] = runs
    if (run) paintTile(context, picture, run, { left: 0, right: width, y, hasShape: true })
    return
  }
  const firstColumn = columnOf(view.from, level)
  const lastColumn = columnOf(view.to, level)
  const x = (column: number) => Math.round(xOf(view, width, columnStart(column, level)))
  // Of all columns alike: months of 28 days have a shape where those of 31 have one.
  const columnWidth = width / Math.max(1, lastColumn - firstColumn)
  const hasShape = columnWidth >= SHAPE_FROM
  for (let at = firstRunFrom(runs, firstColumn); at < runs.length; at++) {
    const run = runs[at] as Run
    if (run.column > lastColumn) break
    const from = Math.max(run.column, firstColumn)
    const to = Math.min(run.column + run.columns, lastColumn + 1)
    const paint = run.single < 0 ? undefined : palette.paints[run.single]
    // A run of one state without edges and shapes is one rectangle, and its gaps are lines.
    if (paint && (paint.edge === null || columnWidth < GAP_FROM) && !hasShape) {
      context.globalAlpha = lit[run.single] === false ? 0.14 : 1
      context.fillStyle = paint.edge ?? paint.fill
      if (paint.edge !== null) context.globalAlpha *= 0.45
      const left = x(from)
      const right = x(to)
      context.fillRect(left, y + INSET, Math.max(1, right - left), ROW_HEIGHT - 2 * INSET)
      context.globalAlpha = 1
      if (columnWidth >= GAP_FROM) {
        context.fillStyle = palette.surface
        for (let column = from + 1; column <= to; column++) {
          context.fillRect(x(column) - 1, y + INSET, 1, ROW_HEIGHT - 2 * INSET)
        }
      }
      continue
    }
    for (let column = from; column < to; column++) {
      const left = x(column)
      const right = Math.max(left + 1, x(column + 1) - (columnWidth >= GAP_FROM ? 1 : 0))
      paintTile(context, picture, run, { left, right, y, hasShape })
    }
  }
}

/** One tile: its state, or a part of its height for each of its states. */
function paintTile(
  context: CanvasRenderingContext2D,
  { palette, lit, width }: Picture,
  run: Run,
  {
    left,
    right,
    y,
    hasShape,
  }: {
    readonly left: number
    readonly right: number
    readonly y: number
    readonly hasShape: boolean
  },
): void {
  const top = y + INSET
  const height = ROW_HEIGHT - 2 * INSET
  const size = right - left
  if (run.single >= 0) {
    const paint = palette.paints[run.single] as Paint
    context.globalAlpha = lit[run.single] === false ? 0.14 : 1
    context.fillStyle = paint.fill
    context.fillRect(left, top, size, height)
    if (paint.edge !== null && size >= 3) {
      context.strokeStyle = paint.edge
      context.lineWidth = 1
      context.globalAlpha *= 0.6
      context.strokeRect(left + 0.5, top + 0.5, size - 1, height - 1)
      context.globalAlpha = lit[run.single] === false ? 0.14 : 1
    }
    // In the middle of what is seen of it.
    const [from, to] = [Math.max(left, 0), Math.min(right, width)]
    if (hasShape && to - from >= SHAPE_FROM - 2) {
      context.fillStyle = paint.glyph
      context.strokeStyle = paint.glyph
      drawShape(context, paint.shape, (from + to) / 2, y + ROW_HEIGHT / 2, 9)
    }
    context.globalAlpha = 1
    return
  }
  const present = run.counts.filter((count) => count > 0).length
  const least = Math.min(3, height / present)
  const rest = height - least * present
  let at = top
  for (let state = 0; state < run.counts.length; state++) {
    const count = run.counts[state] ?? 0
    if (count === 0) continue
    const paint = palette.paints[state] as Paint
    const part = least + (rest * count) / run.squares
    context.globalAlpha = (lit[state] === false ? 0.14 : 1) * (paint.edge === null ? 1 : 0.45)
    context.fillStyle = paint.edge ?? paint.fill
    context.fillRect(left, Math.round(at), size, Math.round(at + part) - Math.round(at))
    at += part
  }
  context.globalAlpha = 1
}

function paintSelection(
  context: CanvasRenderingContext2D,
  { view, width, top, rowAt, places, palette, cursor, band }: Picture,
  first: number,
  last: number,
): void {
  const frame = (from: number | null, to: number | null, y: number, rows: number) => {
    const left = from === null ? 0 : Math.round(xOf(view, width, from))
    const right = to === null ? width : Math.round(xOf(view, width, to))
    if (right < 0 || left > width) return
    context.globalAlpha = 0.16
    context.fillStyle = palette.accent
    context.fillRect(left, y, right - left, rows * ROW_HEIGHT)
    context.globalAlpha = 1
    context.strokeStyle = palette.accent
    context.lineWidth = 1.5
    context.strokeRect(
      left - 0.25,
      y + 0.75,
      Math.max(3, right - left - 0.5),
      rows * ROW_HEIGHT - 1.5,
    )
  }
  if (places.length > 0) {
    for (let index = first; index <= last; index++) {
      const row = rowAt(index)
      if (!row) continue
      const y = AXIS_HEIGHT + index * ROW_HEIGHT - top
      for (const place of places) if (covers(place, row)) frame(place.from, place.to, y, 1)
    }
  }
  if (band) {
    const y = AXIS_HEIGHT + band.firstRow * ROW_HEIGHT - top
    frame(band.from, band.to, y, band.lastRow - band.firstRow + 1)
  }
  if (cursor) {
    const isTimeless = rowAt(cursor.row)?.tiles.level === 'all'
    const left = isTimeless ? 0 : Math.round(xOf(view, width, cursor.from))
    const right = isTimeless ? width : Math.round(xOf(view, width, cursor.to))
    const y = AXIS_HEIGHT + cursor.row * ROW_HEIGHT - top
    context.strokeStyle = palette.ink
    context.lineWidth = 2
    context.strokeRect(left, y + 1, Math.max(4, right - left - 1), ROW_HEIGHT - 2)
  }
}

function paintAxis(
  context: CanvasRenderingContext2D,
  { width, palette }: Picture,
  axis: ReturnType<typeof axisOf>,
): void {
  context.fillStyle = palette.surface
  context.fillRect(0, 0, width, AXIS_HEIGHT)
  context.fillStyle = palette.line
  context.fillRect(0, AXIS_HEIGHT - 1, width, 1)
  context.textBaseline = 'middle'
  context.font = `600 11px ${palette.font}`
  context.fillStyle = palette.ink
  for (const [at, { x, label }] of axis.above.entries()) {
    const next = axis.above[at + 1]?.x ?? Infinity
    const left = Math.max(x, 0) + 5
    if (left + context.measureText(label).width < Math.min(next, width + 40)) {
      context.fillText(label, left, 10)
    }
    if (x > 0) context.fillRect(Math.round(x), 2, 1, AXIS_HEIGHT - 3)
  }
  context.font = `11px ${palette.font}`
  context.fillStyle = palette.faint
  for (const { x, label } of axis.ticks) {
    context.fillRect(Math.round(x), AXIS_HEIGHT - 6, 1, 5)
    context.fillText(label, x + 4, AXIS_HEIGHT - 12)
  }
}
