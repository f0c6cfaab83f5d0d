import { DuckDBInstance } from '@duckdb/node-api'

/** The tree of one SQL text as DuckDB's `json_serialize_sql` gives it, parsed from JSON. */
export type SerializeSql = (text: string) => Promise<unknown>

export interface DuckdbParser {
  readonly serializeSql: SerializeSql
  close(): void
}

/**
 * Parses in this process. Pack SQL is company code and is only parsed here, never run; an engine
 * child can take this place behind the same function.
 */
export async function openDuckdbParser(): Promise<DuckdbParser> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    lock_configuration: 'true',
  })
  const connection = await instance.connect()
  return {
    async serializeSql(text) {
      const result = await connection.runAndReadAll('select json_serialize_sql($1::varchar)', [
        text,
      ])
      return JSON.parse(String(result.getRows()[0]?.[0]))
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
