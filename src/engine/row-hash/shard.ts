import { hash } from 'node:crypto'

import type { ResultColumn } from '#model/outcome.ts'
import { identifier } from '#engine/sql-text.ts'
import { MillraceError } from '#kernel/errors.ts'
import { valueTextSql } from '#engine/row-hash/row-text.ts'

/**
 * The shard that a value falls into: the first eight bytes of the MD5 of its canonical text (UTF-8),
 * read as a little-endian number, modulo the number of shards; NULL falls into shard 0. Specified in
 * docs/reference/shards.md and fixed: another hash would deal all rows of all sharded datasets anew.
 */
export function shardSql(
  dataset: string,
  { name, type }: ResultColumn,
  count: number,
  alias: string,
): string {
  const text = valueTextSql(type, `${alias}${identifier(name)}`)
  if (text === null) {
    throw new MillraceError('result-column-unusable', { dataset, column: name, type })
  }
  return `coalesce(((md5_number(${text}) & 18446744073709551615)::UBIGINT % ${count})::INTEGER, 0)`
}

/** The same of a canonical text; null: of NULL. */
export function shardOf(text: string | null, count: number): number {
  if (text === null) return 0
  return Number(hash('md5', text, 'buffer').readBigUInt64LE(0) % BigInt(count))
}
