import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'

import pg from 'pg'

import type { Catalog } from '#catalog/catalog.ts'
import type { Database } from '#catalog/database.ts'
import { openCatalogOn } from '#catalog/open.ts'
import { openPglite } from '#catalog/pglite.ts'
import { openPostgres } from '#catalog/postgres.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { pgliteTemplate } from './pglite-template.ts'
import { findPostgres, startPostgres, type PostgresServer } from './postgres-server.ts'

/** Whatever closes things after a test: its context, or a suite's. */
export interface Cleanup {
  after(close: () => Promise<void>): void
}

export interface TestCatalog {
  readonly catalog: Catalog
  /** SQL as the superuser, past roles and row-level security. */
  admin<Row extends object>(text: string, params?: readonly unknown[]): Promise<Row[]>
  /** Moves the database's clock (`millrace_now()`) by so much, from now on. */
  shiftClock(ms: number): Promise<void>
  /** Stops the database's clock at so many milliseconds since 1970, until it is shifted or set again. */
  setClock(epochMs: number): Promise<void>
}

export interface TestEngine {
  readonly name: 'pglite' | 'postgres'
  /** An empty database, no schema in it. */
  emptyDatabase(t: Cleanup): Promise<Database>
  /** A catalog of its own, migrated and empty. */
  open(t: Cleanup): Promise<TestCatalog>
}

export const testParts = { clock: systemClock, random: systemRandom, log: silentLogger }

const bin = findPostgres()
const required = (process.env['MILLRACE_TEST_REQUIRE'] ?? '').split(',').includes('postgres')

/**
 * Declares the same tests for both engines: PGlite always; PostgreSQL if one is installed, else one
 * skipped test (a failed one with MILLRACE_TEST_REQUIRE=postgres).
 */
export function eachEngine(declare: (engine: TestEngine) => void): void {
  describe('on PGlite', () => declare(pglite))
  if (bin !== null) describe('on PostgreSQL', () => declare(postgres))
  else test('on PostgreSQL', { skip: required ? false : 'no PostgreSQL is installed' }, missing)
}

function missing(): never {
  throw new Error(
    'MILLRACE_TEST_REQUIRE names postgres, and none was found: set MILLRACE_TEST_PG_BIN to its bin folder',
  )
}

const pglite: TestEngine = {
  name: 'pglite',
  async emptyDatabase(t) {
    // From the template as well, for `initdb` takes seconds; the template itself is made without one.
    const database = await openPglite(null, { template: await pgliteTemplate() })
    t.after(() => database.close())
    const { client, release } = await database.connect()
    await client.query('DROP SCHEMA millrace CASCADE')
    release()
    return database
  },
  async open(t) {
    return openOn(t, await openPglite(null, { template: await pgliteTemplate() }))
  },
}

/** The server of this test process, started when the first test asks. */
let server: Promise<PostgresServer> | null = null

/** Null where PostgreSQL is not installed. */
export function testServer(): Promise<PostgresServer> | null {
  if (bin === null) return null
  server ??= startPostgres(bin)
  return server
}

let template: Promise<string> | null = null

/** A migrated database to copy; nobody may be connected to it meanwhile. */
async function migratedTemplate(running: PostgresServer): Promise<string> {
  await onServer(running, 'CREATE DATABASE migrated')
  const catalog = await openCatalogOn(openPostgres(running.url('migrated'), testParts), testParts)
  await catalog.close()
  return 'migrated'
}

const postgres: TestEngine = {
  name: 'postgres',
  async emptyDatabase(t) {
    const { database, drop } = await createDatabase('template1')
    t.after(() => database.close().then(drop))
    return database
  },
  async open(t) {
    template ??= migratedTemplate(await startedServer())
    const { database, drop } = await createDatabase(await template)
    return openOn(t, database, drop)
  },
}

function startedServer(): Promise<PostgresServer> {
  return testServer() ?? Promise.reject(new Error('PostgreSQL is not installed'))
}

async function createDatabase(
  from: string,
): Promise<{ database: Database; drop: () => Promise<void> }> {
  const running = await startedServer()
  const name = `test_${randomBytes(6).toString('hex')}`
  await onServer(running, `CREATE DATABASE ${name} TEMPLATE ${from}`)
  return {
    database: openPostgres(running.url(name), testParts),
    drop: () => onServer(running, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  }
}

async function onServer(running: PostgresServer, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: running.url('postgres') })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

async function openOn(
  t: Cleanup,
  database: Database,
  drop: () => Promise<void> = async () => {},
): Promise<TestCatalog> {
  const catalog = await openCatalogOn(database, testParts)
  t.after(() => catalog.close().then(drop))
  async function admin<Row extends object>(
    text: string,
    params: readonly unknown[] = [],
  ): Promise<Row[]> {
    const connection = await database.connect()
    try {
      await connection.client.query('SET search_path = millrace, public')
      return (await connection.client.query<Row>(text, params as unknown[])).rows
    } finally {
      await connection.client.query('RESET search_path')
      connection.release()
    }
  }
  return {
    catalog,
    admin,
    async shiftClock(ms) {
      await admin(
        `CREATE OR REPLACE FUNCTION millrace_now() RETURNS timestamptz LANGUAGE sql VOLATILE
         AS 'SELECT clock_timestamp() + interval ''${Number(ms)} milliseconds'''`,
      )
    },
    async setClock(epochMs) {
      await admin(
        `CREATE OR REPLACE FUNCTION millrace_now() RETURNS timestamptz LANGUAGE sql VOLATILE
         AS 'SELECT to_timestamp(${Number(epochMs)} / 1000.0)'`,
      )
    },
  }
}

/** Takes a tenth of the time that TRUNCATE takes for many tables, most of which are empty. */
const EMPTY_ALL = `DO $$
  DECLARE
    v_table text;
    v_some boolean;
  BEGIN
    SET LOCAL session_replication_role = replica;
    FOR v_table IN
      SELECT format('millrace.%I', relname) FROM pg_class
      WHERE relnamespace = 'millrace'::regnamespace AND relkind = 'r'
        AND relname NOT IN ('migration', 'queue_state')
    LOOP
      EXECUTE 'SELECT EXISTS (SELECT FROM ' || v_table || ')' INTO v_some;
      IF v_some THEN
        EXECUTE 'DELETE FROM ' || v_table;
      END IF;
    END LOOP;
  END $$`

/**
 * One catalog for all tests of the enclosing suite, emptied after each: opening one takes longer
 * than most tests.
 */
export function suiteCatalog(engine: TestEngine): () => TestCatalog {
  let shared: TestCatalog | null = null
  const closers: (() => Promise<void>)[] = []
  before(async () => {
    shared = await engine.open({ after: (close) => void closers.push(close) })
  })
  afterEach(async () => {
    await shared?.shiftClock(0)
    await shared?.admin(EMPTY_ALL)
  })
  after(async () => {
    for (const close of closers) await close()
  })
  return () => {
    if (!shared) throw new Error('the suite has not begun')
    return shared
  }
}
