import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { PGlite } from '@electric-sql/pglite'
import { createPgConfig } from '@electric-sql/pglite/node-postgres'
import pg from 'pg'

import type { Database } from '#catalog/database.ts'
import { valueTypes } from '#catalog/value-types.ts'

/**
 * PostgreSQL inside this process, over the same driver. It has one session: everything goes through
 * a pool of one connection, which is never closed and so keeps its settings. Nothing else protects
 * the folder from a second process but our own lock (embedded-lock.ts).
 *
 * `template`: a file made by {@link writeTemplate}, for a first start that takes a fraction of the time;
 * a folder that holds a database already is opened as it is.
 */
export async function openPglite(
  folder: string | null,
  options: { readonly template?: string | undefined } = {},
): Promise<Database> {
  const begun = folder !== null && existsSync(join(folder, 'PG_VERSION'))
  const lite = new PGlite({
    ...(folder === null ? {} : { dataDir: folder }),
    ...(options.template === undefined || begun
      ? {}
      : // Read at once: a file that another process puts in its place would never be read to its end.
        { loadDataDir: new Blob([await readFile(options.template)]) }),
  })
  await lite.waitReady
  return databaseOf(lite, folder ?? 'memory')
}

function databaseOf(lite: PGlite, place: string): Database {
  // The driver's configuration is the adapter's connection in place of a socket.
  const config = createPgConfig(lite) as unknown as pg.PoolConfig
  const pool = new pg.Pool({ ...config, max: 1, idleTimeoutMillis: 0, types: valueTypes })
  const notices = new Map<string, Set<(text: string | null) => void>>()
  pool.on('connect', (client) => {
    client.on('notification', ({ channel, payload }) => {
      for (const onNotice of notices.get(channel) ?? []) onNotice(payload ?? '')
    })
  })

  return {
    engine: 'pglite',
    place,
    async connect() {
      const client = await pool.connect()
      return { client, release: () => client.release() }
    },
    connections: () => ({ open: 1, idle: pool.idleCount, waiting: pool.waitingCount }),
    async listen(channel, onNotice) {
      const listeners = notices.get(channel) ?? new Set()
      notices.set(channel, listeners.add(onNotice))
      await pool.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
      return async () => void listeners.delete(onNotice)
    },
    async close() {
      await pool.end()
      await lite.close()
    },
  }
}
