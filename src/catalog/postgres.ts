import pg from 'pg'

import type { Database } from '#catalog/database.ts'
import { valueTypes } from '#catalog/value-types.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'

const CONNECTIONS = 10
const CONNECT_TIMEOUT_MS = 5_000
const RECONNECT_MS = 1_000

/** A PostgreSQL server, through a pool of so many connections. */
export function openPostgres(
  url: string,
  { log, clock }: { readonly log: Logger; readonly clock: Clock },
  connections = CONNECTIONS,
): Database {
  const place = withoutPassword(url)
  const settings: pg.ClientConfig = {
    connectionString: url,
    application_name: 'millrace',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: valueTypes,
  }
  const pool = new pg.Pool({ ...settings, max: connections })
  // A connection that breaks outside of a statement says so as an event, which would end the process
  // without a listener. The pool has one on idle connections only, and takes it off before the caller
  // has the connection: each has its own from the beginning, and whoever uses it next is told by its error.
  pool.on('connect', (client) => {
    client.on('error', (error) => log.warn('a connection to the catalog broke', { place, error }))
  })
  pool.on('error', () => {})

  return {
    engine: 'postgres',
    place,
    async connect() {
      const client = await pool.connect()
      return { client, release: (broken = false) => client.release(broken) }
    },
    connections: () => ({
      open: pool.totalCount,
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    listen: (channel, onNotice) => listen(settings, channel, onNotice, { log, clock, place }),
    close: () => pool.end(),
  }
}

/** A connection of its own, made again whenever it breaks; calls back after each return, for what was missed. */
async function listen(
  settings: pg.ClientConfig,
  channel: string,
  onNotice: (text: string | null) => void,
  { log, clock, place }: { readonly log: Logger; readonly clock: Clock; readonly place: string },
): Promise<() => Promise<void>> {
  const stopping = new AbortController()

  async function session(started: () => void): Promise<void> {
    const client = new pg.Client(settings)
    const broken = Promise.withResolvers<void>()
    // It may break before anybody waits for that: whoever connects or listens then is told as well.
    broken.promise.catch(() => {})
    client.on('error', broken.reject)
    client.on('end', broken.resolve)
    client.on('notification', ({ payload }) => onNotice(payload ?? ''))
    const stop = () => broken.resolve()
    stopping.signal.addEventListener('abort', stop)
    try {
      await client.connect()
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`)
      started()
      await broken.promise
    } finally {
      stopping.signal.removeEventListener('abort', stop)
      await client.end().catch(() => {})
    }
  }

  async function keep(started: () => void): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await session(started)
      } catch (error) {
        log.warn('listening to the catalog was interrupted', { place, error })
      }
      started()
      await clock.sleep(RECONNECT_MS, stopping.signal).catch(() => {})
    }
  }

  const first = Promise.withResolvers<void>()
  let connected = false
  const kept = keep(() => {
    if (connected) onNotice(null)
    connected = true
    first.resolve()
  })
  await first.promise
  return async () => {
    stopping.abort()
    await kept
  }
}

function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url)
    parsed.password = ''
    parsed.search = ''
    return parsed.href
  } catch {
    return 'DATABASE_URL'
  }
}
