import { columnOf, columnStart, HOUR_MS, levelFor, type TimeLevel } from '~/matrix/levels.ts'

/** The stretch of time that is seen, in milliseconds since 1970. */
export interface View {
  readonly from: number
  readonly to: number
}

/** Pixels of the narrowest column. */
const COLUMN_MIN = 6
/** An hour is never wider than so many pixels. */
const HOUR_MOST = 48
const EMPTY_SHARE = 0.02

/** All of it, with a little air. */
export function fitted(extent: View): View {
  const air = (extent.to - extent.from) * EMPTY_SHARE
  return { from: extent.from - air, to: extent.to + air }
}

export function xOf(view: View, width: number, ms: number): number {
  return ((ms - view.from) / (view.to - view.from)) * width
}

export function timeAt(view: View, width: number, x: number): number {
  return view.from + (x / width) * (view.to - view.from)
}

/** `factor` > 1 shows more. The instant under `x` stays under it. */
export function zoomed(view: View, width: number, x: number, factor: number, extent: View): View {
  const at = timeAt(view, width, x)
  const span = view.to - view.from
  const least = (width / HOUR_MOST) * HOUR_MS
  const most = (fitted(extent).to - fitted(extent).from) * 1.25
  const next = Math.min(Math.max(span * factor, Math.min(least, most)), Math.max(most, least))
  const from = at - ((at - view.from) / span) * next
  return kept({ from, to: from + next }, extent)
}

export function moved(view: View, width: number, pixels: number, extent: View): View {
  const by = (pixels / width) * (view.to - view.from)
  return kept({ from: view.from + by, to: view.to + by }, extent)
}

/** Never so far away that nothing is seen. */
function kept(view: View, extent: View): View {
  const span = view.to - view.from
  const most = extent.to - span * 0.25
  const least = extent.from - span * 0.75
  const from = Math.min(Math.max(view.from, least), most)
  return { from, to: from + span }
}

export function levelOf(view: View, width: number): TimeLevel {
  return levelFor(view.from, view.to, Math.max(1, Math.floor(width / COLUMN_MIN)))
}

export interface Asked {
  readonly from: string
  readonly to: string
  readonly columns: number
}

/**
 * What the server is asked for to show a view: a screen more on both sides, cut at whole columns and
 * in steps of a screen, so that panning asks seldom and the same view asks the same.
 */
export function askedFor(view: View, width: number): Asked {
  const level = levelOf(view, width)
  const first = columnOf(view.from, level)
  const last = columnOf(view.to - 1, level)
  const screen = Math.max(1, last - first + 1)
  const step = 2 ** Math.ceil(Math.log2(screen))
  const begin = (Math.floor(first / step) - 1) * step
  const end = (Math.floor(last / step) + 2) * step
  const instant = (column: number) => {
    const ms = Math.min(Math.max(columnStart(column, level), FIRST_MS), LAST_MS)
    return new Date(ms).toISOString()
  }
  return { from: instant(begin), to: instant(end), columns: Math.min(4000, end - begin) }
}

const FIRST_MS = Date.parse('0001-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-01-01T00:00:00Z')
