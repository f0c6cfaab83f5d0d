import { AsyncLocalStorage } from 'node:async_hooks'

import pg, { type PoolClient } from 'pg'

import type { Catalog } from '#catalog/catalog.ts'
import type { Connection, Database } from '#catalog/database.ts'
import { openCatalogOn } from '#catalog/open.ts'
import { openPglite } from '#catalog/pglite.ts'
import { openPostgres } from '#catalog/postgres.ts'
import type { Clock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import type { Random } from '#kernel/random.ts'
import { testParts, testServer } from '../support/database.ts'
import { pgliteTemplate } from '../support/pglite-template.ts'

/** What stands between the catalog and its database while a simulation runs. */
export interface Gate<Caller> {
  /** Comes back when it is this caller's turn, with the connection to hand out. */
  connect(caller: Caller, open: () => Promise<Connection>): Promise<Connection>
  readonly clock: (caller: Caller) => Clock
  readonly random: Random
}

/** One database for all simulations of a process: to make one takes longer than to simulate. */
export interface Store<Caller> {
  readonly catalog: Catalog
  /** Runs as this caller: its transactions come to the gate under its name. */
  as<T>(caller: Caller, work: () => Promise<T>): Promise<T>
  use(gate: Gate<Caller>): void
  /** SQL past roles, row-level security and the gate; only while no transaction is open. */
  admin<Row extends object>(text: string, params?: readonly unknown[]): Promise<Row[]>
  /** Empties every table and sets simulated time; the sequences begin again. */
  reset(): Promise<void>
  /** `millrace_now()`, in milliseconds since 1970. */
  setNow(ms: number): void
  close(): Promise<void>
}

export async function openStore<Caller>(engine: 'pglite' | 'postgres'): Promise<Store<Caller>> {
  const callers = new AsyncLocalStorage<Caller>()
  const raw = engine === 'pglite' ? await openMemory() : await openServer()
  let gate: Gate<Caller> | null = null
  let now = 0
  /** What each connection knows of the time. */
  const told = new WeakMap<PoolClient, number>()
  const current = () => {
    const caller = callers.getStore()
    return gate && caller !== undefined ? { gate, caller } : null
  }
  const database: Database = {
    ...raw,
    async connect() {
      const open = async () => timed(await raw.connect())
      const own = current()
      return own ? own.gate.connect(own.caller, open) : open()
    },
  }
  const clock: Clock = {
    now: () => new Date(now),
    monotonicMs: () => now,
    sleep: (ms, signal) => current()?.gate.clock(current()!.caller).sleep(ms, signal) ?? never(),
  }
  const random: Random = {
    next: () => current()?.gate.random.next() ?? 0.5,
    bytes: (size) => current()?.gate.random.bytes(size) ?? new Uint8Array(size),
  }
  const catalog = await openCatalogOn(database, { clock, random, log: silentLogger })

  /** Time reaches the database with the first statement after it moved. */
  function timed({ client, release }: Connection): Connection {
    const query = async (text: string, params?: unknown[]) => {
      if (told.get(client) !== now) {
        await client.query(
          `${told.has(client) ? '' : SETTINGS}SET millrace_simulation.now = '${now}'`,
        )
        told.set(client, now)
      }
      return client.query(text, params)
    }
    return { client: { query } as unknown as PoolClient, release }
  }

  async function admin<Row extends object>(
    text: string,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    const { client, release } = timed(await raw.connect())
    try {
      return (await client.query<Row>(text, params as unknown[])).rows
    } finally {
      release()
    }
  }

  await admin(
    `CREATE OR REPLACE FUNCTION millrace_now() RETURNS timestamptz LANGUAGE sql VOLATILE AS
     'SELECT to_timestamp(current_setting(''millrace_simulation.now'')::double precision / 1000)'`,
  )
  const [names] = await admin<{ tables: string[]; sequences: string[] }>(
    `SELECT
       (SELECT json_agg(format('millrace.%I', relname) ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'millrace'::regnamespace AND relkind = 'r'
          AND relname NOT IN ('migration', 'queue_state')) AS tables,
       (SELECT json_agg(format('millrace.%I', relname) ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'millrace'::regnamespace AND relkind = 'S') AS sequences`,
  )
  const [original] = await admin<{ state: object }>(
    'SELECT to_jsonb(s) AS state FROM queue_state s',
  )

  /** Removed and vacuumed a table is as good as truncated, and costs a tenth where little was in it. */
  async function empty(): Promise<void> {
    const union = names?.tables.map((table) => `(SELECT '${table}' AS name FROM ${table} LIMIT 1)`)
    const full = await admin<{ name: string }>(union?.join(' UNION ALL ') ?? '')
    await admin('SET session_replication_role = replica')
    for (const { name } of full) await admin(`DELETE FROM ${name}`)
    await admin('SET session_replication_role = origin')
    for (const { name } of full) await admin(`VACUUM ${name}`)
    for (const sequence of names?.sequences ?? []) {
      await admin(`SELECT setval('${sequence}', 1, false)`)
    }
    await admin('DELETE FROM queue_state')
    await admin(
      `INSERT INTO queue_state SELECT * FROM jsonb_populate_record(NULL::queue_state, $1)`,
      [JSON.stringify(original?.state)],
    )
  }

  return {
    catalog,
    as: (caller, work) => callers.run(caller, work),
    use(next) {
      gate = next
    },
    admin,
    async reset() {
      now = 0
      await empty()
    },
    setNow(ms) {
      now = ms
    },
    close: () => catalog.close(),
  }
}

/** Nothing here outlives the process. */
const SETTINGS = 'SET search_path = millrace, public; SET synchronous_commit = off; '

async function openMemory(): Promise<Database> {
  return openPglite(null, { template: await pgliteTemplate() })
}

let made = 0

async function openServer(): Promise<Database> {
  const server = await testServer()
  if (!server) throw new Error('PostgreSQL is not installed')
  const name = `simulation_${process.pid}_${++made}`
  const client = new pg.Client({ connectionString: server.url('postgres') })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  return openPostgres(server.url(name), testParts)
}

function never(): Promise<never> {
  return new Promise(() => {})
}
