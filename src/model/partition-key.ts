import { MillraceError } from '#kernel/errors.ts'

/**
 * A partition's name: its parts joined by `:`, the period first, then the value of a key, then a
 * hash shard (`2021-04`, `2021-04-17`, `2021-04-17T05`, `2021-04:exam-17`, `2021-04:#03/16`;
 * without a period `exam-17`, `#03/16`). A dataset that is not cut at all has the one partition
 * `all`. Names compare as text in time order. Here are periods; `partition-key-parts.ts` has the rest.
 */
export type PartitionKey = string

export const grains = ['none', 'year', 'month', 'day', 'hour'] as const
export type Grain = (typeof grains)[number]

export const WHOLE: PartitionKey = 'all'

const patterns: Record<Grain, RegExp> = {
  none: /^all$/,
  year: /^\d{4}$/,
  month: /^\d{4}-\d{2}$/,
  day: /^\d{4}-\d{2}-\d{2}$/,
  hour: /^\d{4}-\d{2}-\d{2}T\d{2}$/,
}
const examples: Record<Grain, string> = {
  none: 'all',
  year: '2021',
  month: '2021-04',
  day: '2021-04-17',
  hour: '2021-04-17T05',
}
/** Characters of a period's text. */
export const lengths: Readonly<Record<Grain, number>> = {
  none: 3,
  year: 4,
  month: 7,
  day: 10,
  hour: 13,
}

const restOfInstant = new Map([
  [lengths.year, '-01-01T00:00:00Z'],
  [lengths.month, '-01T00:00:00Z'],
  [lengths.day, 'T00:00:00Z'],
  [lengths.hour, ':00:00Z'],
])

/** The period's first instant, in UTC. `all` starts at the epoch. */
export function startOf(key: PartitionKey): Date {
  return key === WHOLE ? new Date(0) : new Date(key + (restOfInstant.get(key.length) ?? ''))
}

export function keyOf(instant: Date, grain: Grain): PartitionKey {
  return grain === 'none' ? WHOLE : instant.toISOString().slice(0, lengths[grain])
}

/** True when `key` is written as a key of this grain and names a date that exists. */
export function isKeyOf(key: string, grain: Grain): boolean {
  if (!patterns[grain].test(key)) return false
  if (grain === 'none') return true
  const start = startOf(key)
  return !Number.isNaN(start.getTime()) && keyOf(start, grain) === key
}

export function parseKey(key: string, grain: Grain): PartitionKey {
  if (isKeyOf(key, grain)) return key
  throw new MillraceError('partition-key-invalid', { key, grain, example: examples[grain] })
}

export function grainOf(key: PartitionKey): Grain {
  const grain = grains.find((candidate) => isKeyOf(key, candidate))
  if (grain) return grain
  throw new MillraceError('partition-key-invalid', {
    key,
    grain: 'year, month, day or hour',
    example: '2021-04',
  })
}

/**
 * The key after (`steps` > 0) or before. `all` has no neighbours and returns itself; the calendar of
 * keys ends with the years 0000 and 9999, beyond which the last key is returned.
 */
export function shift(key: PartitionKey, grain: Grain, steps: number): PartitionKey {
  if (grain === 'none') return WHOLE
  const instant = startAfter(key, grain, steps).getTime()
  return keyOf(new Date(Math.min(Math.max(instant, FIRST_MS), LAST_MS)), grain)
}

/** The first instant after the period, in UTC. */
export function endOf(key: PartitionKey, grain: Grain): Date {
  return grain === 'none' ? new Date(8.64e15) : startAfter(key, grain, 1)
}

const FIRST_MS = Date.parse('0000-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59Z')

function startAfter(key: PartitionKey, grain: Grain, steps: number): Date {
  const start = startOf(key)
  if (grain === 'year') start.setUTCFullYear(start.getUTCFullYear() + steps)
  else if (grain === 'month') start.setUTCMonth(start.getUTCMonth() + steps)
  else if (grain === 'day') start.setUTCDate(start.getUTCDate() + steps)
  else if (grain === 'hour') start.setUTCHours(start.getUTCHours() + steps)
  return start
}

/** The period of a coarser (or equal) grain that holds this key. */
export function coarsen(key: PartitionKey, to: Grain): PartitionKey {
  return to === 'none' ? WHOLE : key.slice(0, lengths[to])
}

/** Twenty years of hours. */
const RANGE_MOST = 200_000

/** `FROM..TO` (inclusive) or one key. A coarser key stands for all of its periods: `2021` as months. */
export function parseRange(text: string, grain: Grain): PartitionKey[] {
  const [from = '', to = from, ...rest] = text.split('..')
  if (rest.length > 0)
    throw new MillraceError('partition-key-invalid', { key: text, grain, example: examples[grain] })
  if (grain === 'none') return [parseKey(from, 'none')]
  const first = keyOf(startOf(boundary(from, grain)), grain)
  const lastKey = boundary(to, grain)
  const last = keyOf(new Date(endOf(lastKey, grainOf(lastKey)).getTime() - 1), grain)
  if (first > last)
    throw new MillraceError('partition-key-invalid', {
      key: text,
      grain,
      example: `${last}..${first}`,
    })
  const keys = [first]
  for (let key = first; key !== last; keys.push(key)) {
    if (keys.length === RANGE_MOST) {
      throw new MillraceError('partition-range-too-long', { range: text, most: RANGE_MOST, grain })
    }
    key = shift(key, grain, 1)
  }
  return keys
}

function boundary(key: string, grain: Grain): PartitionKey {
  const written = grains.find((candidate) => candidate !== 'none' && isKeyOf(key, candidate))
  if (written && lengths[written] <= lengths[grain]) return key
  throw new MillraceError('partition-key-invalid', { key, grain, example: examples[grain] })
}
