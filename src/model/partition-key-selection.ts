import { MillraceError } from '#kernel/errors.ts'
import type { Partitioning } from '#model/definition.ts'
import {
  cutText,
  isPartitionOf,
  isPlain,
  joinKey,
  keyProblem,
  keyText,
  keyValue,
  shardNumber,
  shardText,
  splitKey,
} from '#model/partition-key-parts.ts'
import { grains, isKeyOf, parseRange, WHOLE, type PartitionKey } from '#model/partition-key.ts'

/**
 * A *selector* names partitions of one cut: a full name, or one in which parts are left out and mean
 * all of them. `2021-04` are all keys and shards of the month, `2021-04:exam-17` all shards of that,
 * `:exam-17` the key in all periods, `:#03/16` the shard in all; without a grain `exam-17`, `#03/16`,
 * and `all` for everything. Of a dataset that is cut by time alone, selectors are its keys.
 */
export type Selector = string

/** What a selector says; null: all of them. */
export interface SelectedParts {
  readonly period: PartitionKey | null
  readonly key: string | null
  readonly shard: string | null
}

/**
 * The selectors that a text names for datasets of a cut: a period, a coarser one or a range of them
 * (`2021-01..2021-06`), then `:` and a key's value, then `:` and a shard. What is no period stands for
 * the key in all periods. Throws `partition-selection-invalid` and what `parseRange` throws.
 */
export function parseSelection(text: string, cut: Partitioning): Selector[] {
  if (isPlain(cut)) return parseRange(text, cut.grain)
  const parts = text.split(':')
  const shard = parts.at(-1)?.startsWith('#') ? parseShard(text, parts.pop() ?? '', cut) : ''
  const periods = parsePeriods(text, parts, cut)
  const [value, ...more] = parts
  if (more.length > 0) {
    throw invalid(text, cut, `it has more than ${cut.key ? 'a period and a key' : 'a period'}`)
  }
  const key = value === undefined ? '' : parseValue(text, value, cut)
  return periods.map((period) =>
    period === WHOLE || period === '' ? joinOpen(period, key, shard) : joinKey(period, key, shard),
  )
}

function joinOpen(period: PartitionKey, key: string, shard: string): Selector {
  const tail = joinKey(WHOLE, key, shard)
  return period === WHOLE ? tail : `:${tail}`
}

/** Takes the leading periods off the parts; '' is all periods of a cut that has some. */
function parsePeriods(text: string, parts: string[], cut: Partitioning): PartitionKey[] {
  const [first] = parts
  if (cut.grain === 'none') {
    if (first === WHOLE || first === '') parts.shift()
    return [WHOLE]
  }
  if (first === undefined) return ['']
  if (first === '') {
    parts.shift()
    if (parts.length === 0) throw invalid(text, cut, 'it is empty')
    return ['']
  }
  const looksLikePeriod = /^\d{4}(?:$|-\d|\.\.)/.test(first)
  if (cut.key && parts.length === 1 && !looksLikePeriod) return ['']
  parts.shift()
  return parseRange(first, cut.grain)
}

function parseValue(text: string, written: string, cut: Partitioning): string {
  const value = keyValue(written) ?? written
  if (!cut.key) throw invalid(text, cut, `it has the key "${value}", and the dataset has none`)
  const problem = keyProblem(value)
  if (problem)
    throw invalid(text, cut, `"${value}" cannot be a value of ${cut.key.name}: ${problem}`)
  const { values, name } = cut.key
  if (values && !values.includes(value)) {
    throw invalid(text, cut, `"${value}" is not among the values of ${name}`)
  }
  return keyText(value)
}

function parseShard(text: string, written: string, cut: Partitioning): string {
  const { number } = /^#(?<number>\d{1,5})(?:\/\d{1,5})?$/.exec(written)?.groups ?? {}
  if (!cut.shards) throw invalid(text, cut, `it has the shard ${written}, and the dataset has none`)
  const { count } = cut.shards
  const isOther = written.includes('/') && shardCount(written) !== count
  if (number === undefined || Number(number) >= count || isOther) {
    const last = shardText(count - 1, cut.shards)
    throw invalid(text, cut, `shards are ${shardText(0, cut.shards)} to ${last}`)
  }
  return shardText(Number(number), cut.shards)
}

function shardCount(written: string): number {
  return Number(written.slice(written.indexOf('/') + 1))
}

function invalid(text: string, cut: Partitioning, problem: string): MillraceError {
  return new MillraceError('partition-selection-invalid', {
    text,
    cut: cutText(cut),
    problem,
    example: exampleOf(cut),
  })
}

const examples = {
  none: WHOLE,
  year: '2021',
  month: '2021-04',
  day: '2021-04-17',
  hour: '2021-04-17T05',
}

function exampleOf(cut: Partitioning): string {
  const key = cut.key ? keyText(cut.key.values?.[0] ?? `${cut.key.name}-17`) : ''
  const shard = cut.shards ? shardText(Math.min(3, cut.shards.count - 1), cut.shards) : ''
  return joinKey(examples[cut.grain], key, shard)
}

/** What a selector says of partitions of `cut`; null where it is none of this cut. */
export function partsOfSelector(selector: Selector, cut: Partitioning): SelectedParts | null {
  if (isPlain(cut)) {
    const isKey = grains.some((grain) => isKeyOf(selector, grain))
    return isKey ? { period: selector, key: null, shard: null } : null
  }
  const parts = selector === WHOLE && cut.grain === 'none' ? [] : selector.split(':')
  let period: PartitionKey | null = null
  if (cut.grain !== 'none') {
    period = parts.shift() || null
    if (period !== null && !isKeyOf(period, cut.grain)) return null
  }
  const shard = parts.at(-1)?.startsWith('#') ? (parts.pop() ?? null) : null
  const [key = null, ...more] = parts
  if (more.length > 0 || key === '' || (key !== null && !cut.key)) return null
  if (shard !== null) {
    if (!cut.shards || shardText(shardNumber(shard), cut.shards) !== shard) return null
  }
  return { period, key, shard }
}

/** True for the partitions of `cut` that one of the selectors names. */
export function selects(
  selectors: Iterable<Selector>,
  cut: Partitioning,
): (partition: PartitionKey) => boolean {
  const named = new Set(selectors)
  if (isPlain(cut)) return (partition) => named.has(partition)
  return (partition) => {
    if (named.has(partition)) return true
    const { period, key, shard } = splitKey(partition, cut)
    return generalised(period, key, shard).some((selector) => named.has(selector))
  }
}

/** Every selector that leaves parts of a name out. */
function generalised(period: PartitionKey, key: string, shard: string): Selector[] {
  const tails = [joinKey(WHOLE, key, ''), joinKey(WHOLE, '', shard), joinKey(WHOLE, key, shard)]
  if (period === WHOLE) return [WHOLE, ...tails]
  const rest = tails.filter((tail) => tail !== WHOLE)
  return [period, ...rest.map((tail) => `${period}:${tail}`), ...rest.map((tail) => `:${tail}`)]
}

/** True where each selector is the full name of a partition, so that nothing has to be looked up. */
export function areNames(selectors: readonly Selector[], cut: Partitioning): boolean {
  return isPlain(cut) || selectors.every((selector) => isPartitionOf(selector, cut))
}
