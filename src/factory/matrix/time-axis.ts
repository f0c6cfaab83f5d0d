import type { Grain, PartitionKey } from '#model/partition-key.ts'

/**
 * The columns that time is drawn in, fine to coarse; a column is a number that counts from the one
 * that holds 1970-01-01T00:00Z. Weeks begin on Mondays. `all`: one column, number 0, without time.
 */
export const levels = [
  'hour',
  'quarter-day',
  'day',
  'week',
  'month',
  'quarter',
  'year',
  'all',
] as const
export type Level = (typeof levels)[number]

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Of even columns; the others follow the calendar. */
const widths: Partial<Record<Level, number>> = {
  hour: HOUR_MS,
  'quarter-day': 6 * HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
}
/** The first Monday's week began before the epoch. */
const MONDAY_MS = -3 * DAY_MS
const months: Partial<Record<Level, number>> = { month: 1, quarter: 3, year: 12 }

/** The column of a level that holds an instant (milliseconds since 1970, UTC). */
export function columnOf(ms: number, level: Level): number {
  const width = widths[level]
  if (width !== undefined) return Math.floor((ms - (level === 'week' ? MONDAY_MS : 0)) / width)
  const count = months[level]
  if (count === undefined) return 0
  const date = new Date(ms)
  return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / count)
}

/** The first instant of a column, in milliseconds since 1970. */
export function columnStart(column: number, level: Level): number {
  const width = widths[level]
  if (width !== undefined) return column * width + (level === 'week' ? MONDAY_MS : 0)
  const count = months[level]
  if (count === undefined) return 0
  const start = new Date(0)
  start.setUTCFullYear(1970, column * count, 1)
  return start.getTime()
}

/** The finest level that needs no more than so many columns; `year` where none does. */
export function levelFor(fromMs: number, toMs: number, columnsMax: number): Level {
  const dated = levels.slice(0, -1)
  const fits = (level: Level) =>
    columnOf(toMs - 1, level) - columnOf(fromMs, level) + 1 <= columnsMax
  return dated.find(fits) ?? 'year'
}

/** That of a dataset's own squares, or the coarser one that is asked for. */
export function coarser(level: Level, grain: Grain): Level {
  if (grain === 'none') return 'all'
  return levels.indexOf(level) < levels.indexOf(grain) ? grain : level
}

/** First instants of the periods of partitions that begin with one, in milliseconds since 1970. */
export function startsOf(partitions: readonly PartitionKey[], grain: Grain): Float64Array {
  const starts = new Float64Array(partitions.length)
  if (grain === 'none') return starts
  let period = ''
  let start = 0
  const length = { year: 4, month: 7, day: 10, hour: 13 }[grain]
  for (const [index, partition] of partitions.entries()) {
    if (!partition.startsWith(period) || period === '') {
      period = partition.slice(0, length)
      start = startOf(period)
    }
    starts[index] = start
  }
  return starts
}

function startOf(period: string): number {
  const number = (from: number, to: number, none: number) =>
    period.length < to ? none : Number(period.slice(from, to))
  const start = new Date(0)
  start.setUTCFullYear(number(0, 4, 1970), number(5, 7, 1) - 1, number(8, 10, 1))
  return start.getTime() + number(11, 13, 0) * HOUR_MS
}
