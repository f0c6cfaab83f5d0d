import { sha256 } from '#kernel/hash.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { rowTextSql } from '#engine/row-hash/row-text.ts'

/** Sums over the rows of a set; each is below 2^127, so that no sum of fewer than 2^63 rows overflows. */
export interface RowSums {
  readonly low: bigint
  readonly high: bigint
  readonly rows: number
}

const HALF = 1n << 64n

/**
 * Selects `low`, `high` and `row_count` of a relation's rows, one line for each value of `groupBy`
 * (an SQL expression over the relation, named `group_key`), or one line for all of them.
 */
export function rowSumsSql(
  dataset: string,
  columns: readonly ResultColumn[],
  relation: string,
  groupBy: string | null,
): string {
  const key = groupBy === null ? '' : `${groupBy} AS group_key, `
  return `SELECT ${groupBy === null ? '' : 'group_key, '}coalesce(sum((digest & 18446744073709551615)::UBIGINT), 0) AS low, coalesce(sum((digest >> 64)::UBIGINT), 0) AS high, count(*) AS row_count FROM (SELECT ${key}md5_number(${rowTextSql(dataset, columns)}) AS digest FROM ${relation})${groupBy === null ? '' : ' GROUP BY group_key'}`
}

/**
 * The data version of a set of rows: `<32 hexadecimal digits>:<number of rows>`. Equal exactly when
 * the same rows are there equally often, under the same column names, types and order of columns;
 * the order of rows does not matter. Specified in `docs/reference/data-version.md`.
 */
export function dataVersionOf(columns: readonly ResultColumn[], sums: RowSums): string {
  const header = JSON.stringify(columns.map((column) => [column.name, column.type]))
  const digest = sha256(
    `millrace rows 1\n${header}\n${hexOf(sums.low)}${hexOf(sums.high)}\n${sums.rows}`,
  )
  return `${digest.slice(0, 32)}:${sums.rows}`
}

export const noRows: RowSums = { low: 0n, high: 0n, rows: 0 }

function hexOf(sum: bigint): string {
  return (sum % HALF).toString(16).padStart(16, '0')
}
