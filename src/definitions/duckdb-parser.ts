import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

/** The tree of one SQL text as DuckDB's `json_serialize_sql` gives it with integers beyond 2^53 as texts. */
export type SerializeSql = (text: string) => Promise<unknown>

/** As DuckDB names its type: `DECIMAL(18,2)`. */
export interface SqlColumn {
  readonly name: string
  readonly type: string
}

export interface DescribedTable {
  readonly name: string
  readonly columns: readonly SqlColumn[]
}

/** Columns of a SELECT over empty tables, or DuckDB's error; nothing is run. */
export type DescribeSql = (
  select: string,
  tables: readonly DescribedTable[],
) => Promise<readonly SqlColumn[]>

export interface DuckdbParser {
  readonly serializeSql: SerializeSql
  readonly describeSql: DescribeSql
  close(): void
}

/**
 * Parses in this process, in an instance that is started by the first text. Pack SQL is company
 * code and is only parsed here, never run; an engine child can take this place behind the same
 * function.
 */
export function openDuckdbParser(): DuckdbParser {
  let opened: Promise<{ instance: DuckDBInstance; connection: DuckDBConnection }> | undefined
  const open = async () => {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: '1',
      enable_external_access: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      lock_configuration: 'true',
    })
    return { instance, connection: await instance.connect() }
  }
  return {
    async serializeSql(text) {
      opened ??= open()
      const { connection } = await opened
      const result = await connection.runAndReadAll('select json_serialize_sql($1::varchar)', [
        text,
      ])
      return parseTree(String(result.getRows()[0]?.[0]))
    },
    async describeSql(select, tables) {
      opened ??= open()
      const { instance } = await opened
      // Of its own: the tables go with it.
      const connection = await instance.connect()
      try {
        for (const { name, columns } of tables) {
          const list = columns.map((column) => `${quoted(column.name)} ${column.type}`)
          await connection.run(`CREATE TEMP TABLE ${quoted(name)} (${list.join(', ')})`)
        }
        const result = await connection.runAndReadAll(`DESCRIBE ${select}`)
        return result.getRows().map(([name, type]) => ({ name: String(name), type: String(type) }))
      } finally {
        connection.closeSync()
      }
    },
    close() {
      void opened?.then(({ instance, connection }) => {
        connection.closeSync()
        instance.closeSync()
      })
      opened = undefined
    },
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** JSON whose integers beyond 2^53 stay texts, so that two constants that differ never meet. */
function parseTree(json: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source && /^-?\d{16,}$/.test(context.source)
      ? context.source
      : value
  return JSON.parse(json, reviver)
}
