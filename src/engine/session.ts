import { statfs } from 'node:fs/promises'

import { DuckDBInstance, LIST, VARCHAR, listValue } from '@duckdb/node-api'
import type { DuckDBConnection } from '@duckdb/node-api'
import { literal } from '#engine/sql-text.ts'
import type { Job } from '#engine/protocol.ts'

/** What the SQL of one job may touch: exactly these. */
export interface Reach {
  readonly files: readonly string[]
  readonly folders: readonly string[]
}

/** A locked DuckDB instance of one job. */
export interface Session {
  run(sql: string): Promise<void>
  /** For results that are small by their nature: a line for each partition, column or check. */
  rows(sql: string): Promise<Row[]>
  /** Runs a COPY, or a count, and returns the number of rows; `values` are those of $1, $2, … */
  copy(sql: string, values?: readonly Value[]): Promise<number>
  /** How many statements a text holds; throws DuckDB's parser error where it is none. */
  statements(sql: string): Promise<number>
  interrupt(): void
  close(): void
}

interface LockedInstance {
  readonly instance: DuckDBInstance
  readonly connection: DuckDBConnection
}

/** Spilling never fills the disk to the brim: the catalog lies there, too. */
const FREE_SPACE_SHARE = 0.8

/** A text, or several. */
export type Value = string | readonly string[]

export type Row = Readonly<Record<string, unknown>>

/** Opens an instance with the job's limits; nothing of them can be changed from SQL afterwards. */
export async function openSession(
  limits: Job['limits'],
  tempFolder: string,
  reach: Reach,
): Promise<Session> {
  return sessionOf(await openInstance(limits, tempFolder, reach))
}

/** The instance by itself, with its first connection, for those that keep it for longer than one job. */
export async function openInstance(
  limits: Pick<Job['limits'], 'memoryBytes' | 'threads'> & { readonly spillBytesMax?: number },
  tempFolder: string,
  reach: Reach,
  further: readonly string[] = [],
): Promise<LockedInstance> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const disk = await statfs(tempFolder)
  const spare = Math.floor(disk.bavail * disk.bsize * FREE_SPACE_SHARE)
  const spillBytes = Math.min(spare, limits.spillBytesMax ?? spare)
  const all = [...further, ...settings(limits, tempFolder, spillBytes, reach)]
  await connection.run(all.join(';\n'))
  return { instance, connection }
}

/** The order matters: what closes the file system comes after what names the open parts of it. */
function settings(
  limits: Pick<Job['limits'], 'memoryBytes' | 'threads'>,
  tempFolder: string,
  spillBytes: number,
  reach: Reach,
): string[] {
  return [
    `SET temp_directory = ${literal(tempFolder)}`,
    `SET max_temp_directory_size = '${spillBytes}B'`,
    `SET memory_limit = '${limits.memoryBytes}B'`,
    `SET threads = ${limits.threads}`,
    `SET allow_persistent_secrets = false`,
    `SET autoinstall_known_extensions = false`,
    `SET autoload_known_extensions = false`,
    `SET TimeZone = 'UTC'`,
    `SET allowed_paths = [${reach.files.map(literal).join(', ')}]`,
    `SET allowed_directories = [${reach.folders.map(literal).join(', ')}]`,
    `SET enable_external_access = false`,
    `SET lock_configuration = true`,
  ]
}

function sessionOf({ instance, connection }: LockedInstance): Session {
  return {
    async run(sql) {
      await connection.run(sql)
    },
    async rows(sql) {
      return (await connection.runAndReadAll(sql)).getRowObjects()
    },
    async copy(sql, values = []) {
      const given = values.map((value) => (typeof value === 'string' ? value : listValue(value)))
      const types = values.map((value) => (typeof value === 'string' ? VARCHAR : LIST(VARCHAR)))
      const [row] = (await connection.runAndReadAll(sql, given, types)).getRows()
      return Number(row?.[0] ?? 0)
    },
    async statements(sql) {
      return (await connection.extractStatements(sql)).count
    },
    interrupt() {
      connection.interrupt()
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}
