import type { KeyDimension, Partitioning, ShardDimension } from '#model/definition.ts'
import { isKeyOf, lengths, WHOLE, type PartitionKey } from '#model/partition-key.ts'

/**
 * The parts of a partition's name. `key` is the escaped text of a key's value, `shard` the text
 * of a shard (`#03/16`); both are empty where the dataset has no such dimension. The period of a
 * dataset without a grain is `all`.
 */
export interface KeyParts {
  readonly period: PartitionKey
  readonly key: string
  readonly shard: string
}

/** True for a dataset that is cut by time alone (or not at all): its keys are periods. */
export function isPlain(cut: Partitioning): boolean {
  return cut.key === undefined && cut.shards === undefined
}

/**
 * Takes the name of a partition of `cut` apart, by position alone: what is not written as such a
 * name gives parts without a meaning (see {@link hasForm}).
 */
export function splitKey(partition: PartitionKey, cut: Partitioning): KeyParts {
  const { grain } = cut
  const period = grain === 'none' ? WHOLE : partition.slice(0, lengths[grain])
  if (isPlain(cut)) return { period, key: '', shard: '' }
  const rest = grain === 'none' ? partition : partition.slice(lengths[grain] + 1)
  if (!cut.shards) return { period, key: rest, shard: '' }
  const width = shardWidth(cut.shards)
  return {
    period,
    key: cut.key ? rest.slice(0, Math.max(0, rest.length - width - 1)) : '',
    shard: rest.slice(-width),
  }
}

/** The reverse of `splitKey`. Parts that are empty are left out, as is the period `all` beside another part. */
export function joinKey(period: PartitionKey, key: string, shard: string): PartitionKey {
  const tail = key === '' || shard === '' ? key + shard : `${key}:${shard}`
  if (tail === '') return period
  return period === WHOLE ? tail : `${period}:${tail}`
}

/** The period of a partition: its name up to the first dimension that is not time. */
export function periodOf(partition: PartitionKey, cut: Partitioning): PartitionKey {
  return cut.grain === 'none' ? WHOLE : partition.slice(0, lengths[cut.grain])
}

/** True when a name has the form of this cut's names; whether its date exists is not asked. */
export function hasForm(partition: PartitionKey, cut: Partitioning): boolean {
  if (isPlain(cut)) return partition.length === lengths[cut.grain]
  const { period, key, shard } = splitKey(partition, cut)
  if (cut.shards && !isShard(shard, cut.shards)) return false
  if (cut.key && (key === '' || key === WHOLE || key.includes(':') || key.startsWith('#'))) {
    return false
  }
  return joinKey(period, key, shard) === partition
}

/** True for the name of a partition that this cut could have; a static key's value has to be listed. */
export function isPartitionOf(partition: PartitionKey, cut: Partitioning): boolean {
  if (isPlain(cut)) return isKeyOf(partition, cut.grain)
  if (!hasForm(partition, cut)) return false
  const { period, key } = splitKey(partition, cut)
  return isKeyOf(period, cut.grain) && (!cut.key || isListed(key, cut.key))
}

function isListed(key: string, { values }: KeyDimension): boolean {
  const value = keyValue(key)
  if (value === null || keyText(value) !== key || keyProblem(value) !== null) return false
  return !values || values.includes(value)
}

function shardWidth({ count }: ShardDimension): number {
  return 2 * String(count).length + 2
}

/** `#03/16`: numbers are padded, so that shards sort as texts. Shards count from 0. */
export function shardText(shard: number, { count }: ShardDimension): string {
  return `#${String(shard).padStart(String(count).length, '0')}/${count}`
}

export function shardNumber(text: string): number {
  return Number(text.slice(1, text.indexOf('/')))
}

function isShard(text: string, shards: ShardDimension): boolean {
  const number = shardNumber(text)
  return number < shards.count && shardText(number, shards) === text
}

export function shardTexts(shards: ShardDimension): string[] {
  return Array.from({ length: shards.count }, (_shard, number) => shardText(number, shards))
}

/**
 * The value of a key as it stands in partition names. Letters, digits and `-_.~@` stay, and so does
 * U+00A1–U+D7FF but for what is invisible or a space; everything else is percent-encoded UTF-8 in
 * upper case: `a:b c` is `a%3Ab%20c`. So is a `.` after another one (`..` is a range) and the value
 * `all`, which names the partition of a dataset that is not cut. No character above U+D7FF is left,
 * so names have one order in UTF-8 and UTF-16. The text is part of stored names: it never changes.
 */
export function keyText(value: string): string {
  if (value === WHOLE) return '%61ll'
  return value.replace(escaped, (part) =>
    part === '.' ? '%2E' : encodeURIComponent(part).replace(plainInUri, percentOf),
  )
}

const escaped = /(?<=\.)\.|[^\w\-.~@\u00a1-\ud7ff]+|[\u00ad\u061c\u1680\u180e\u2000-\u206f\u3000]+/g
const plainInUri = /[!'()*]/g

function percentOf(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

/** The value that a text stands for; null where it stands for none (a `%` that escapes nothing). */
export function keyValue(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/** Bytes of a key's text at most: partitions are named in indexes. */
const KEY_MOST_BYTES = 600

/** Why a value cannot be a key's, or null: it is empty, too long, or no Unicode text. */
export function keyProblem(value: string): string | null {
  if (value === '') return 'it is empty'
  if (!value.isWellFormed()) return 'it is no Unicode text'
  if (value.includes('\0')) return 'it holds a NUL'
  if (Buffer.byteLength(keyText(value)) > KEY_MOST_BYTES) {
    return `it is longer than ${KEY_MOST_BYTES} bytes`
  }
  return null
}

/** `month, key exam, shards 16 by email`: how a dataset is cut, as a header says it. */
export function cutText({ grain, key, shards }: Partitioning): string {
  const dimensions = [
    ...(key
      ? [`key ${key.name}${key.values ? ` (${key.values.map(quoted).join(', ')})` : ''}`]
      : []),
    ...(shards
      ? [`shards ${shards.count} by ${/^\w+$/.test(shards.by) ? shards.by : `"${shards.by}"`}`]
      : []),
  ]
  return [...(grain === 'none' && dimensions.length > 0 ? [] : [grain]), ...dimensions].join(', ')
}

function quoted(value: string): string {
  return /^[\w.~@-]+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`
}
