import type { Access, RowFilter } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { keyText, splitKey } from '#model/partition-key-parts.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What of one dataset's rows somebody sees. */
export interface SeenRows {
  /** Null: all columns. */
  readonly columns: readonly string[] | null
  /** Each of them holds for every row that is seen. */
  readonly filters: readonly RowFilter[]
}

/** Null: all of it. Whether the dataset is seen at all is another question, see `maySee`. */
export function seenRows({ columns, rows }: Access, dataset: string): SeenRows | null {
  const seen = {
    columns: Object.hasOwn(columns, dataset) ? (columns[dataset] ?? null) : null,
    filters: Object.hasOwn(rows, dataset) ? (rows[dataset] ?? []) : [],
  }
  return seen.columns === null && seen.filters.length === 0 ? null : seen
}

/**
 * False for a partition that can hold no row that is seen: the values of a key that the dataset is
 * cut by are names of partitions, so that a filter on it hides those.
 */
export function maySeePartition(
  { partitioning }: DatasetDefinition,
  { filters }: SeenRows,
  partition: PartitionKey,
): boolean {
  const name = partitioning.key?.name
  if (name === undefined) return true
  const { key } = splitKey(partition, partitioning)
  return filters.every(({ column, op, value }) => {
    if (column !== name) return true
    const wanted = [value].flat().map(keyText)
    if (op === 'eq' || op === 'in') return wanted.includes(key)
    return op !== 'ne' || !wanted.includes(key)
  })
}
