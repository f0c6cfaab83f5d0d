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

/** A condition on the key that a dataset is cut by: it holds for whole partitions. */
function isKeyFilter({ partitioning }: Cut, { column, op }: RowFilter): boolean {
  return column === partitioning.key?.name && ['eq', 'ne', 'in'].includes(op)
}

type Cut = Pick<DatasetDefinition, 'partitioning'>

/** False for a partition that holds no row that is seen, as the value of its key tells. */
export function maySeePartition(
  definition: Cut,
  { filters }: SeenRows,
  partition: PartitionKey,
): boolean {
  const { key } = splitKey(partition, definition.partitioning)
  return filters.every((filter) => {
    if (!isKeyFilter(definition, filter)) return true
    const isNamed = [filter.value].flat().some((value) => keyText(value) === key)
    return filter.op === 'ne' ? !isNamed : isNamed
  })
}

/** What is left to be judged row by row; `columns` are those that the rows have. */
export function rowFilters(
  definition: Cut,
  { filters }: SeenRows,
  columns: readonly string[],
): RowFilter[] {
  return filters.filter(
    (filter) => !isKeyFilter(definition, filter) || columns.includes(filter.column),
  )
}
