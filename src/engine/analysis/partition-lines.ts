import { keyValue, shardNumber, splitKey } from '#model/partition-key-parts.ts'
import { endOf, startOf } from '#model/partition-key.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { BuildJob } from '#engine/protocol.ts'
import { identifier, literal, microsOf, timestampLiteral } from '#engine/sql-text.ts'

/** A table with a line for each partition of a job: its number `part`, and what `this_partition` shows of it. */
export const PARTS = '_millrace_parts'

interface Line {
  readonly key: PartitionKey
  readonly startsAt: Date
  readonly endsAt: Date
  /** Value of the cut's key, and number of the shard; null where it is not cut so. */
  readonly value: string | null
  readonly shard: number | null
}

export function lineOf(job: BuildJob, partition: PartitionKey): Line {
  const { period, key, shard } = splitKey(partition, job)
  return {
    key: partition,
    startsAt: startOf(period),
    endsAt: endOf(period, job.grain),
    value: job.key ? (keyValue(key) ?? key) : null,
    shard: job.shards ? shardNumber(shard) : null,
  }
}

/** Lists, not VALUES: 256 lines of those take three times as long to bind. */
export function partsSql(job: BuildJob): string {
  const lines = job.partitions.map((partition) => lineOf(job, partition))
  const listOf = (toSql: (line: Line) => string) => `unnest([${lines.map(toSql).join(', ')}])`
  const columns = [
    `unnest(range(${lines.length}))::INTEGER AS part`,
    `${listOf(({ key }) => literal(key))} AS key`,
    `make_timestamp(${listOf(({ startsAt }) => microsOf(startsAt))}) AS starts_at`,
    `make_timestamp(${listOf(({ endsAt }) => microsOf(endsAt))}) AS ends_at`,
  ]
  if (job.key) {
    columns.push(`${listOf(({ value }) => literal(value ?? ''))} AS _value`)
  }
  if (job.shards) {
    columns.push(`${listOf(({ shard }) => String(shard))}::INTEGER AS shard`)
    columns.push(`${job.shards.count} AS shards`)
  }
  return `SELECT ${columns.join(', ')}`
}

/** The one-row relation `this_partition` of a partition. */
export function thisPartitionSql(job: BuildJob, partition: PartitionKey): string {
  const { key, startsAt, endsAt, value, shard } = lineOf(job, partition)
  const columns = [
    `${literal(key)} AS key`,
    `${timestampLiteral(startsAt)} AS starts_at`,
    `${timestampLiteral(endsAt)} AS ends_at`,
  ]
  if (job.shards) columns.push(`${shard} AS shard`, `${job.shards.count} AS shards`)
  if (job.key) columns.push(`${literal(value ?? '')} AS ${identifier(job.key.name)}`)
  return `SELECT ${columns.join(', ')}`
}

/** The same of the line of `PARTS` that is named `alias` around it. */
export function thisPartitionOf(job: BuildJob, alias: string): string {
  const names = ['key', 'starts_at', 'ends_at', ...(job.shards ? ['shard', 'shards'] : [])]
  const columns = names.map((name) => `${alias}.${name} AS ${name}`)
  if (job.key) columns.push(`${alias}._value AS ${identifier(job.key.name)}`)
  return `SELECT ${columns.join(', ')}`
}
