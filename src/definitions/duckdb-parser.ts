import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

/** The tree of one SQL text as DuckDB's `json_serialize_sql` gives it with integers beyond 2^53 as texts. */
export type SerializeSql = (text: string) => Promise<unknown>

export interface DuckdbParser {
  readonly serializeSql: SerializeSql
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
    close() {
      void opened?.then(({ instance, connection }) => {
        connection.closeSync()
        instance.closeSync()
      })
      opened = undefined
    },
  }
}

/** JSON whose integers beyond 2^53 stay texts, so that two constants that differ never meet. */
function parseTree(json: string): unknown {
  const reviver = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source && /^-?\d{16,}$/.test(context.source)
      ? context.source
      : value
  return JSON.parse(json, reviver)
}
