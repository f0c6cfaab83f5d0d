import { columnOf, columnStart, levels, says, type TimeLevel } from '~/matrix/levels.ts'
import { xOf, type View } from '~/matrix/view.ts'

export interface Tick {
  readonly x: number
  readonly label: string
}

export interface Axis {
  /** Named marks. */
  readonly ticks: readonly Tick[]
  /** What encloses them, each where it begins, the first at the left edge. */
  readonly above: readonly Tick[]
}

/** Pixels that the label of a level needs. */
const room: Readonly<Record<TimeLevel, number>> = {
  hour: 44,
  'quarter-day': 44,
  day: 30,
  week: 48,
  month: 40,
  quarter: 34,
  year: 44,
}

const enclosing: Readonly<Record<TimeLevel, TimeLevel | null>> = {
  hour: 'day',
  'quarter-day': 'day',
  day: 'month',
  week: 'year',
  month: 'year',
  quarter: 'year',
  year: null,
}

export function axisOf(view: View, width: number): Axis {
  const perMs = width / (view.to - view.from)
  const fits = (level: TimeLevel) =>
    (columnStart(columnOf(view.from, level) + 1, level) -
      columnStart(columnOf(view.from, level), level)) *
      perMs >=
    room[level]
  const level = levels.find(fits)
  if (level === undefined) return { ticks: decades(view, width), above: [] }
  const outer = enclosing[level]
  return {
    ticks: marks(view, width, level, false),
    above: outer ? marks(view, width, outer, true) : [],
  }
}

function marks(view: View, width: number, level: TimeLevel, isOuter: boolean): Tick[] {
  const found: Tick[] = []
  const last = columnOf(view.to, level)
  for (let column = columnOf(view.from, level); column <= last; column++) {
    const start = columnStart(column, level)
    const x = xOf(view, width, start)
    if (x < 0 && !isOuter) continue
    found.push({ x, label: isOuter ? outerLabel(start, level) : label(start, level) })
  }
  return found
}

function decades(view: View, width: number): Tick[] {
  const year = (ms: number) => new Date(ms).getUTCFullYear()
  const years = year(view.to) - year(view.from)
  const step = Math.max(1, Math.ceil((years * 60) / width))
  const found: Tick[] = []
  for (let at = Math.ceil(year(view.from) / step) * step; at <= year(view.to); at += step) {
    found.push({ x: xOf(view, width, Date.UTC(at, 0, 1)), label: String(at) })
  }
  return found
}

function label(ms: number, level: TimeLevel): string {
  if (level === 'hour' || level === 'quarter-day') return new Date(ms).toISOString().slice(11, 16)
  if (level === 'day') return String(new Date(ms).getUTCDate())
  if (level === 'week') return says({ day: 'numeric', month: 'short' }, ms)
  if (level === 'month') return says({ month: 'short' }, ms)
  if (level === 'quarter') return `Q${new Date(ms).getUTCMonth() / 3 + 1}`
  return String(new Date(ms).getUTCFullYear())
}

function outerLabel(ms: number, level: TimeLevel): string {
  if (level === 'day') {
    return says({ weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' }, ms)
  }
  if (level === 'month') return says({ month: 'long', year: 'numeric' }, ms)
  return String(new Date(ms).getUTCFullYear())
}
