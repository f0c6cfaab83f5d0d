import type { SourceDefinition } from '#model/definition.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { keyOf, type PartitionKey } from '#model/partition-key.ts'
import type { SegmentPartition, SumsText } from '#engine/append/append-job.ts'
import { runChecks } from '#engine/analysis/checks.ts'
import { sumsBy } from '#engine/analysis/outcomes.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'
import { noRows, type RowSums } from '#engine/row-hash/row-hash.ts'
import type { Session } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** Sums of the row hashes of each partition in a written file, of each observed period, and its checks. */
export async function segmentPartitions(
  session: Session,
  source: SourceDefinition,
  columns: readonly ResultColumn[],
  path: string,
  repaired: ReadonlyMap<PartitionKey, number>,
): Promise<SegmentPartition[]> {
  const { observes, checks, name: dataset } = source
  const period =
    observes && observes.grain !== 'none'
      ? `coalesce(date_trunc('${observes.grain}', ${identifier(observes.column)})::TIMESTAMP::VARCHAR, '')`
      : `''`
  const sums = await sumsBy(
    session,
    dataset,
    columns,
    `read_parquet(${literal(path)})`,
    `${PARTITION_COLUMN} || chr(31) || ${period}`,
  )
  const found = new Map<PartitionKey, { whole: RowSums; observed: Record<string, SumsText> }>()
  for (const [key, own] of sums) {
    const [partition = '', start = ''] = key.split('\x1f')
    const entry = found.get(partition) ?? { whole: noRows, observed: {} }
    found.set(partition, entry)
    entry.whole = addSums(entry.whole, own)
    if (start === '' || !observes) continue
    const value = keyOf(new Date(`${start.replace(' ', 'T')}Z`), observes.grain)
    entry.observed[value] = sumsText(own)
  }
  const partitions = [...found.keys()].sort()
  const checked = await runChecks(session, { dataset, partitions, checks }, path)
  return partitions.map((partition) => {
    const { whole, observed } = found.get(partition) ?? { whole: noRows, observed: {} }
    return {
      partition,
      sums: sumsText(whole),
      repaired: repaired.get(partition) ?? 0,
      observed,
      checks: checked.get(partition) ?? [],
    }
  })
}

export function addSums(a: RowSums, b: RowSums): RowSums {
  return { low: a.low + b.low, high: a.high + b.high, rows: a.rows + b.rows }
}

export function sumsText({ low, high, rows }: RowSums): SumsText {
  return { low: String(low), high: String(high), rows }
}

export function sumsOf({ low, high, rows }: SumsText): RowSums {
  return { low: BigInt(low), high: BigInt(high), rows }
}
