import {
  LIST,
  VARCHAR,
  listValue,
  type DuckDBConnection,
  type DuckDBInstance,
  type DuckDBPreparedStatement,
} from '@duckdb/node-api'
import { join } from 'node:path'

import type { SerializeSql } from '#definitions/duckdb-parser.ts'
import { copySql, type AnswerColumn } from '#engine/readers/answer-sql.ts'
import { bindViews } from '#engine/readers/bound-views.ts'
import type { ParsedQuery, QueryParameter } from '#engine/readers/query-job.ts'
import {
  OUT_FILE,
  type InstanceSetup,
  type ReaderTask,
  type StatementTask,
  type QueryTask,
  type TaskResult,
} from '#engine/readers/reader-protocol.ts'
import { assertGiven, judgeStatement, typedStatement } from '#engine/readers/statement.ts'
import { openInstance } from '#engine/session.ts'

/** One tenant's locked DuckDB instance, with what was bound and prepared in it. */
export interface TenantEngine {
  run(subject: string, task: Exclude<ReaderTask, { kind: 'facts' }>): Promise<TaskResult>
  interrupt(): void
  close(): void
}

/** A connection whose temporary views are one set of inputs. */
interface Binding {
  readonly connection: DuckDBConnection
  readonly tables: readonly string[]
  readonly statements: Map<string, Prepared>
}

interface Prepared {
  readonly columns: readonly AnswerColumn[]
  readonly copy: DuckDBPreparedStatement
}

const BINDINGS_MAX = 16
const STATEMENTS_MAX = 32
const JUDGED_MAX = 200
/** Beyond so many, files that no newer query has named are not reachable any more. */
const FILES_MAX = 5000

/**
 * The instance can read the files that its tasks have named, and nothing else; a task that names a new
 * one opens it again, for what an instance may reach is fixed before its first statement.
 */
export function createTenantEngine(setup: InstanceSetup, serializeSql: SerializeSql): TenantEngine {
  const bindings = new Map<string, Binding>()
  const judged = new Map<string, ParsedQuery>()
  const outPath = join(setup.folder, OUT_FILE)
  let files = new Set<string>()
  let opened: { readonly instance: DuckDBInstance; readonly connection: DuckDBConnection } | null =
    null
  let tables = 0
  let active: DuckDBConnection | null = null

  async function open(needed: readonly string[]) {
    if (opened && needed.every((path) => files.has(path))) return opened
    close()
    const before = files.size > FILES_MAX ? [] : files
    files = new Set([...before, ...needed])
    opened = await openInstance(
      setup,
      setup.folder,
      { files: [...files, outPath], folders: [] },
      // Cached rows would count against the memory of the next query; the system caches files.
      ['SET parquet_metadata_cache = true', 'SET enable_external_file_cache = false'],
    )
    return opened
  }

  function close(): void {
    for (const { connection } of bindings.values()) connection.closeSync()
    bindings.clear()
    opened?.connection.closeSync()
    opened?.instance.closeSync()
    opened = null
  }

  async function judge(subject: string, sql: string): Promise<ParsedQuery> {
    const known = judged.get(sql)
    if (known) return known
    const parsed = judgeStatement(subject, await serializeSql(sql))
    remember(judged, sql, parsed, JUDGED_MAX)
    return parsed
  }

  async function bound({ inputs, inputsKey }: StatementTask): Promise<Binding> {
    const { instance } = await open(inputs.flatMap((input) => input.files.map(({ path }) => path)))
    const known = bindings.get(inputsKey)
    if (known) {
      bindings.delete(inputsKey)
      bindings.set(inputsKey, known)
      return known
    }
    const connection = await instance.connect()
    active = connection
    try {
      const made = await bindViews(connection, inputs, () => `live_${++tables}`)
      const binding = { connection, tables: made, statements: new Map() }
      const dropped = remember(bindings, inputsKey, binding, BINDINGS_MAX)
      if (dropped) await unbind(dropped)
      return binding
    } catch (error) {
      connection.closeSync()
      throw error
    }
  }

  async function unbind({ connection, tables: made }: Binding): Promise<void> {
    connection.closeSync()
    for (const table of made) await opened?.connection.run(`DROP TABLE IF EXISTS ${table}`)
  }

  async function prepared(
    subject: string,
    task: QueryTask,
    limit: number | null,
    binding: Binding,
  ): Promise<Prepared> {
    const types = Object.entries(task.parameters).map(([name, { type }]) => `${name} ${type}`)
    const key = JSON.stringify([task.sql, types, task.format, task.cells, limit])
    const known = binding.statements.get(key)
    if (known) return known
    const select = typedStatement(subject, task.sql, task.parameters)
    const columns = await columnsOf(binding.connection, select)
    const copy = await binding.connection.prepare(copySql(select, columns, task, limit, outPath))
    const statement = { columns, copy }
    remember(binding.statements, key, statement, STATEMENTS_MAX)?.copy.destroySync()
    return statement
  }

  return {
    async run(subject, task) {
      const parsed = await judge(subject, task.sql)
      if (task.kind === 'parse') return { kind: 'parse', ...parsed }
      const datasets = task.inputs.map(({ dataset }) => dataset)
      assertGiven(subject, parsed, datasets, task.parameters)
      const binding = await bound(task)
      active = binding.connection
      const { values, types } = valuesOf(parsed, task.parameters)
      if (task.kind === 'explain') {
        const select = typedStatement(subject, task.sql, task.parameters)
        const columns = await columnsOf(binding.connection, select)
        const plan = await binding.connection.runAndReadAll(`EXPLAIN ${select}`, values, types)
        const text = plan.getRows().map((row) => String(row[1]))
        return { kind: 'explain', columns: columns.map(named), plan: text.join('\n') }
      }
      const write = async (limit: number | null) => {
        const { columns, copy } = await prepared(subject, task, limit, binding)
        copy.clearBindings()
        copy.bind(values, types)
        const [row] = (await copy.runAndReadAll()).getRows()
        return { columns: columns.map(named), written: Number(row?.[0] ?? 0) }
      }
      const { rowsMax } = task
      const { columns, written } = await write(rowsMax === null ? null : rowsMax + 1)
      if (rowsMax === null || written <= rowsMax) {
        return { kind: 'query', columns, rows: written, more: false }
      }
      if (task.exact) await write(rowsMax)
      return { kind: 'query', columns, rows: rowsMax, more: true }
    },
    interrupt() {
      active?.interrupt()
    },
    close,
  }
}

async function columnsOf(connection: DuckDBConnection, select: string): Promise<AnswerColumn[]> {
  const statement = await connection.prepare(`SELECT * FROM (${select}\n) AS answer`)
  try {
    return Array.from({ length: statement.columnCount }, (_, at) => ({
      name: statement.columnName(at),
      type: statement.columnType(at),
    }))
  } finally {
    statement.destroySync()
  }
}

function named({ name, type }: AnswerColumn) {
  return { name, type: type.toString() }
}

function valuesOf(
  { parameters: used }: ParsedQuery,
  parameters: Readonly<Record<string, QueryParameter>>,
) {
  const given = Object.entries(parameters).filter(([name]) => used.includes(name))
  const isList = (type: string) => type.endsWith('[]')
  return {
    values: Object.fromEntries(
      given.map(([name, { value }]) => [
        name,
        value === null || typeof value === 'string' ? value : listValue(value),
      ]),
    ),
    types: Object.fromEntries(
      given.map(([name, { type }]) => [name, isList(type) ? LIST(VARCHAR) : VARCHAR]),
    ),
  }
}

/** Keeps at most `max`, the newest; returns the one that had to go. */
function remember<Value>(
  known: Map<string, Value>,
  key: string,
  value: Value,
  max: number,
): Value | undefined {
  known.set(key, value)
  if (known.size <= max) return undefined
  const [oldest] = known
  if (!oldest) return undefined
  known.delete(oldest[0])
  return oldest[1]
}
