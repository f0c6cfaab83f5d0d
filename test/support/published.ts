import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

import { readSet, type ReadSet } from '#catalog/files.ts'
import { listPartitions, type PartitionRow } from '#catalog/state.ts'
import type { TestMillrace } from './open-parts.ts'

/** One value as JSON shows it; big integers, decimals and times as text. */
type Cell = unknown
export type PublishedRow = Readonly<Record<string, Cell>>

/**
 * What a reader of the lake sees, read without the engine: the files that the catalog's pointers name,
 * through a DuckDB of the test's own, in their published order. `_partition` comes first.
 */
export async function publishedRows(
  millrace: TestMillrace,
  dataset: string,
  partitions: readonly string[] | null = null,
): Promise<PublishedRow[]> {
  return withDuckdb(async (connection) => {
    const set = await publishedSet(millrace, dataset, partitions)
    if (!(await tableOf(connection, millrace, set, 'published'))) return []
    const reader = await connection.runAndReadAll('SELECT * FROM published')
    return reader.getRowObjectsJson()
  })
}

export function publishedSet(
  millrace: Pick<TestMillrace, 'parts' | 'tenant'>,
  dataset: string,
  partitions: readonly string[] | null = null,
): Promise<ReadSet> {
  const { parts, tenant } = millrace
  return parts.catalog.asTenant(tenant, (session) => readSet(session, dataset, partitions))
}

/** Makes the table of a dataset's published rows; false where there is no row at all. */
export async function tableOf(
  connection: DuckDBConnection,
  millrace: Pick<TestMillrace, 'parts'>,
  set: ReadSet,
  name: string,
): Promise<boolean> {
  const partitionsOf = new Map<string, string[]>()
  for (const { partition, files } of set.partitions) {
    for (const file of files) {
      const path = await millrace.parts.lake.localPath(file)
      partitionsOf.set(path, [...(partitionsOf.get(path) ?? []), partition])
    }
  }
  if (partitionsOf.size === 0) return false
  const selects = [...partitionsOf].map(
    ([path, keys]) =>
      `SELECT * FROM read_parquet(${text(path)}) WHERE _partition IN (${keys.map(text).join(', ')})`,
  )
  await connection.run(
    `CREATE OR REPLACE TABLE "${name}" AS ${selects.join(' UNION ALL BY NAME ')}`,
  )
  return true
}

export async function withDuckdb<T>(
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  try {
    return await work(connection)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

/** The pointers of every dataset: `dataset partition` → its row. */
export async function pointersOf(millrace: TestMillrace): Promise<Map<string, PartitionRow>> {
  const { parts, tenant } = millrace
  return parts.catalog.asTenant(tenant, async (session) => {
    const all = new Map<string, PartitionRow>()
    for (const { name } of parts.factory.datasets) {
      for (const row of await listPartitions(session, name))
        all.set(`${name} ${row.partition}`, row)
    }
    return all
  })
}

/** Partitions whose version ids differ between two moments, or that exist at one of them only. */
export function changedBetween(
  before: ReadonlyMap<string, PartitionRow>,
  after: ReadonlyMap<string, PartitionRow>,
): string[] {
  const names = new Set([...before.keys(), ...after.keys()])
  return [...names]
    .filter((name) => before.get(name)?.versionId !== after.get(name)?.versionId)
    .toSorted()
}

export function dataVersions(pointers: ReadonlyMap<string, PartitionRow>): Record<string, string> {
  return Object.fromEntries(
    [...pointers]
      .map(([name, { dataVersion }]) => [name, dataVersion] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}
