import type { DuckDBConnection } from '@duckdb/node-api'
import { PARTITION_COLUMN, liveRowsOver, liveRowsSql } from '#engine/live-rows.ts'
import type { QueryInput } from '#engine/readers/query-job.ts'
import { describe } from '#engine/result-columns.ts'
import { filterText, visibleColumns } from '#engine/seen-sql.ts'
import type { Row } from '#engine/session.ts'
import { identifier, literal } from '#engine/sql-text.ts'

/** A branch for each partition up to here; beyond, a sort is planned faster. */
const BRANCHES_MAX = 64

/**
 * Gives a connection its inputs as temporary views: exactly the live rows and the columns that are
 * seen. What was bound is planned with each statement, but its files need not be named again.
 * Returns the tables that it made in the instance, to be dropped with the connection.
 */
export async function bindViews(
  connection: DuckDBConnection,
  inputs: readonly QueryInput[],
  nextTable: () => string,
): Promise<string[]> {
  const tables: string[] = []
  const session = {
    run: async (sql: string) => void (await connection.run(sql)),
    rows: async (sql: string): Promise<Row[]> =>
      (await connection.runAndReadAll(sql)).getRowObjects(),
  }
  for (const input of inputs) {
    const { dataset, files, columns, partitions, seen, asColumn } = input
    const wanted = partitions === null ? null : new Set(partitions)
    const table = nextTable()
    tables.push(table)
    const live = await liveRowsOver(session, table, files, columns, wanted)
    const all = await describe(session, live)
    const lying = all.filter(({ name }) => name !== PARTITION_COLUMN)
    const shown = visibleColumns(lying, seen).map(({ name }) => identifier(name))
    const first = asColumn === null ? [] : [`${PARTITION_COLUMN} AS ${identifier(asColumn)}`]
    const list = [...first, ...shown].join(', ')
    await connection.run(
      `CREATE TEMP VIEW ${identifier(dataset)} AS SELECT ${list} FROM (${inOrder(input, live)}) AS live${filterText(lying, seen)}`,
    )
  }
  return tables
}

function inOrder({ files, columns, partitions, inOrder: isOrdered }: QueryInput, live: string) {
  if (!isOrdered || partitions === null || partitions.length <= 1 || files.length === 0) return live
  if (partitions.length <= BRANCHES_MAX) {
    const branches = partitions.map((key) => liveRowsSql(files, columns, new Set([key])))
    return branches.join(' UNION ALL BY NAME ')
  }
  const isSorted = partitions.every((key, at) => at === 0 || (partitions[at - 1] ?? '') < key)
  const rank = `list_position([${partitions.map(literal).join(', ')}], ${PARTITION_COLUMN})`
  return `SELECT * FROM (${live}) AS unordered ORDER BY ${isSorted ? PARTITION_COLUMN : rank}`
}
