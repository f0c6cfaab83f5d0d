import type { Check } from '#model/definition.ts'
import type { PartitionOutcome, ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { runChecks } from '#engine/analysis/checks.ts'
import { PARTITION_COLUMN } from '#engine/live-rows.ts'
import { dataVersionOf, noRows, rowSumsSql } from '#engine/row-hash/row-hash.ts'
import type { RowSums } from '#engine/row-hash/row-hash.ts'
import type { Session } from '#engine/session.ts'
import { literal } from '#engine/sql-text.ts'

/** What is needed to tell of the partitions in a file that was just written. */
export interface Written {
  readonly dataset: string
  readonly partitions: readonly PartitionKey[]
  readonly checks: readonly Check[]
}

/** Rows, data version and checks of every partition, read back from the file. */
export async function outcomesOf(
  session: Session,
  written: Written,
  path: string,
  columns: readonly ResultColumn[],
): Promise<PartitionOutcome[]> {
  const sums = await sumsBy(
    session,
    written.dataset,
    columns,
    `read_parquet(${literal(path)})`,
    PARTITION_COLUMN,
  )
  const checks = await runChecks(session, written, path)
  return written.partitions.map((partition) => {
    const own = sums.get(partition) ?? noRows
    return {
      partition,
      rows: own.rows,
      dataVersion: dataVersionOf(columns, own),
      checks: checks.get(partition) ?? [],
    }
  })
}

/** Sums of the rows' hashes for each value of an expression, in the order of the values. */
export async function sumsBy(
  session: Session,
  dataset: string,
  columns: readonly ResultColumn[],
  relation: string,
  groupBy: string,
): Promise<Map<string, RowSums>> {
  const rows = await session.rows(
    `${rowSumsSql(dataset, columns, relation, groupBy)} ORDER BY group_key`,
  )
  return new Map(
    rows.map((row) => [
      String(row['group_key']),
      {
        low: row['low'] as bigint,
        high: row['high'] as bigint,
        rows: Number(row['row_count']),
      },
    ]),
  )
}
