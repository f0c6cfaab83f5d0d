import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

import type { AnalysisDefinition, Pack, SourceDefinition } from '#model/definition.ts'
import {
  coarsen,
  endOf,
  startOf,
  WHOLE,
  type Grain,
  type PartitionKey,
} from '#model/partition-key.ts'

/**
 * The pack's own SQL, run partition by partition in one plain DuckDB: no engine, no factory, no
 * catalog. Every dataset becomes a table of its name with a leading column `_partition`. With
 * `shuffledBy` every analysis reads its inputs in an order that hangs on that number.
 */
export async function runPackPlainly(
  pack: Pack,
  files: ReadonlyMap<PartitionKey, string>,
  options: { readonly shuffledBy?: number } = {},
): Promise<{ connection: DuckDBConnection; close(): void }> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
  const connection = await instance.connect()
  await connection.run('CREATE SCHEMA tables')
  for (const dataset of pack.datasets) {
    if (dataset.kind === 'source') await loadSource(connection, pack, dataset, files)
    else await buildAnalysis(connection, pack, dataset, options.shuffledBy)
  }
  return {
    connection,
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

// The items do not matter to any analysis, only whether the row is accepted.
const ITEM = `(''([^''\\\\]|\\\\.)*''|"([^"\\\\]|\\\\.)*")`
const PYTHON_LIST = `\\[(${ITEM}(, *${ITEM})*)?\\]`

async function loadSource(
  connection: DuckDBConnection,
  pack: Pack,
  source: SourceDefinition,
  files: ReadonlyMap<PartitionKey, string>,
): Promise<void> {
  const parts = source.reference
    ? [[WHOLE, `${pack.folder}/${source.location}`] as const]
    : [...files]
  const selects = parts.map(([key, path]) => {
    const typed = source.columns
      .map(({ name, type }) =>
        type === 'timestamp'
          ? `try_cast("${name}" AS TIMESTAMP) AS "${name}"`
          : type === 'text[]'
            ? `CASE WHEN regexp_full_match("${name}", '${PYTHON_LIST}') THEN []::VARCHAR[] END AS "${name}"`
            : `coalesce("${name}", '') AS "${name}"`,
      )
      .join(', ')
    const derived = source.derived.map(({ name, expression }) => `, ${expression} AS "${name}"`)
    const required = source.columns.filter(
      ({ optional, parse }) => optional === false || parse !== undefined,
    )
    const kept = ['true', ...required.map(({ name }) => `"${name}" IS NOT NULL`)].join(' AND ')
    return `SELECT '${key}' AS _partition, * ${derived.join('')} FROM (SELECT ${typed}
      FROM read_csv('${path}', all_varchar = true, header = true, delim = ',', quote = '"',
        escape = '"', null_padding = false, ignore_errors = true)) WHERE ${kept}`
  })
  await connection.run(`CREATE TABLE tables."${source.name}" AS ${selects.join('\nUNION ALL ')}`)
}

async function buildAnalysis(
  connection: DuckDBConnection,
  pack: Pack,
  analysis: AnalysisDefinition,
  shuffledBy: number | undefined,
): Promise<void> {
  const { grain } = analysis.partitioning
  const keys = await partitionsOf(connection, pack, analysis, grain)
  if (analysis.inputs.some(({ mapping }) => mapping.kind === 'previous')) {
    const columns = analysis.columns.map(({ name }) => `NULL::VARCHAR AS "${name}"`).join(', ')
    await connection.run(
      `CREATE TABLE tables."${analysis.name}" AS SELECT ''::VARCHAR AS _partition, ${columns} LIMIT 0`,
    )
  }
  let isThere = analysis.inputs.some(({ mapping }) => mapping.kind === 'previous')
  const shuffle =
    shuffledBy === undefined ? '' : `ORDER BY hash(COLUMNS(* EXCLUDE (_partition)), ${shuffledBy})`
  for (const key of keys) {
    for (const { dataset, mapping } of analysis.inputs) {
      const read = (() => {
        switch (mapping.kind) {
          case 'same':
            return `_partition = '${key}'`
          case 'roll-up':
            return `starts_with(_partition, '${grain === 'none' ? '' : key}')`
          case 'previous':
            return `_partition = (SELECT max(_partition) FROM tables."${dataset}" WHERE _partition < '${key}')`
          case 'all':
            return 'true'
          case 'observed':
            return `timestamp >= ${stamp(startOf(key))} AND timestamp < ${stamp(endOf(key, grain))}`
          case 'lookback':
          case 'through':
            throw new Error(`${mapping.kind} is not used by the pack`)
        }
      })()
      await connection.run(
        `CREATE OR REPLACE TEMP VIEW "${dataset}" AS SELECT * EXCLUDE (_partition) FROM tables."${dataset}" WHERE ${read} ${shuffle}`,
      )
    }
    await connection.run(
      `CREATE OR REPLACE TEMP VIEW this_partition AS SELECT '${key}' AS key, ${stamp(startOf(key))} AS starts_at, ${stamp(endOf(key, grain))} AS ends_at`,
    )
    const rows = `SELECT '${key}' AS _partition, * FROM (${analysis.text}\n)`
    await connection.run(
      isThere
        ? `INSERT INTO tables."${analysis.name}" ${rows}`
        : `CREATE TABLE tables."${analysis.name}" AS ${rows}`,
    )
    isThere = true
  }
}

/** Every period that an input holds something of. */
async function partitionsOf(
  connection: DuckDBConnection,
  pack: Pack,
  analysis: AnalysisDefinition,
  grain: Grain,
): Promise<PartitionKey[]> {
  const keys = new Set<PartitionKey>()
  for (const { dataset, mapping } of analysis.inputs) {
    if (mapping.kind === 'all' || mapping.kind === 'previous') continue
    const source = pack.datasets.find(({ name }) => name === dataset)
    const expression =
      mapping.kind === 'observed' && source?.kind === 'source'
        ? `strftime(timestamp, '%Y-%m-%d')`
        : '_partition'
    const found = await connection.runAndReadAll(
      `SELECT DISTINCT ${expression} FROM tables."${dataset}"`,
    )
    for (const [key] of found.getRows()) keys.add(coarsen(String(key), grain))
  }
  return [...keys].toSorted()
}

function stamp(instant: Date): string {
  return `TIMESTAMP '${instant.toISOString().slice(0, 19).replace('T', ' ')}'`
}
