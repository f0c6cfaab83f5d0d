/**
 * Columns of time as the server counts them (`matrix.show`): numbers from the one that holds
 * 1970-01-01T00:00Z. Weeks begin on Mondays; `all` is one column without time.
 */
export const levels = ['hour', 'quarter-day', 'day', 'week', 'month', 'quarter', 'year'] as const
export type TimeLevel = (typeof levels)[number]
export type Level = TimeLevel | 'all'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

const widths: Partial<Record<Level, number>> = {
  hour: HOUR_MS,
  'quarter-day': 6 * HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
}
const MONDAY_MS = -3 * DAY_MS
const months: Partial<Record<Level, number>> = { month: 1, quarter: 3, year: 12 }

export function columnOf(ms: number, level: Level): number {
  const width = widths[level]
  if (width !== undefined) return Math.floor((ms - (level === 'week' ? MONDAY_MS : 0)) / width)
  const count = months[level]
  if (count === undefined) return 0
  const date = new Date(ms)
  return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / count)
}

export function columnStart(column: number, level: Level): number {
  const width = widths[level]
  if (width !== undefined) return column * width + (level === 'week' ? MONDAY_MS : 0)
  const count = months[level]
  if (count === undefined) return 0
  const start = new Date(0)
  start.setUTCFullYear(1970, column * count, 1)
  return start.getTime()
}

/** The finest level that needs no more than so many columns. */
export function levelFor(fromMs: number, toMs: number, columnsMax: number): TimeLevel {
  return (
    levels.find((level) => columnOf(toMs - 1, level) - columnOf(fromMs, level) + 1 <= columnsMax) ??
    'year'
  )
}

const lengths: Readonly<Record<string, number>> = { year: 4, month: 7, day: 10, hour: 13 }

/** Name of the period of a grain that holds an instant: `2021-04-17T05`. */
export function periodAt(ms: number, grain: string): string {
  return new Date(ms).toISOString().slice(0, lengths[grain])
}

/** First instant of a period, from its name; null: it is none. */
export function periodStart(period: string): number | null {
  if (!/^\d{4}(-\d{2}(-\d{2}(T\d{2})?)?)?$/.test(period)) return null
  const ms = Date.parse(
    period + ({ 4: '-01-01T00:00Z', 7: '-01T00:00Z', 10: 'T00:00Z' }[period.length] ?? ':00Z'),
  )
  return Number.isNaN(ms) ? null : ms
}

export function periodEnd(period: string): number | null {
  const start = periodStart(period)
  const grain = ({ 4: 'year', 7: 'month', 10: 'day', 13: 'hour' } as const)[period.length]
  if (start === null || grain === undefined) return null
  return columnStart(columnOf(start, grain) + 1, grain)
}

/** `17 Apr 2021`, `Apr 2021`, `05:00, 17 Apr 2021`: the column in words, in UTC as partitions are. */
export function nameOfColumn(column: number, level: Level): string {
  if (level === 'all') return ''
  const start = columnStart(column, level)
  const day = (ms: number) => says({ day: 'numeric', month: 'short', year: 'numeric' }, ms)
  if (level === 'day') return day(start)
  if (level === 'month') return says({ month: 'long', year: 'numeric' }, start)
  if (level === 'year') return String(new Date(start).getUTCFullYear())
  if (level === 'quarter') {
    const date = new Date(start)
    return `Q${date.getUTCMonth() / 3 + 1} ${date.getUTCFullYear()}`
  }
  if (level === 'week') return `${day(start)} – ${day(columnStart(column + 1, level) - 1)}`
  const hour = (ms: number) => new Date(ms).toISOString().slice(11, 16)
  const end = level === 'hour' ? '' : `–${hour(columnStart(column + 1, level))}`
  return `${day(start)}, ${hour(start)}${end}`
}

const formats = new Map<string, Intl.DateTimeFormat>()

export function says(options: Intl.DateTimeFormatOptions, ms: number): string {
  const name = JSON.stringify(options)
  const format =
    formats.get(name) ?? new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' })
  formats.set(name, format)
  return format.format(ms)
}
