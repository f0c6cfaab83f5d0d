import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import pg from 'pg'

import { writeTwin } from '../../packs/events/samples/twin.ts'
import { afterwards } from '../support/afterwards.ts'
import { openCellProcess, type CellProcess } from '../support/open-cells.ts'
import { buildFolder } from '../support/open-parts.ts'
import { ownDatabase } from '../support/own-database.ts'
import { until } from '../support/shared-deployment.ts'

const MONTH = '2021-04'
const CANARY = 'canary7f3a9'
const SECRET = 'a-password-that-nobody-sees'

interface RunView {
  readonly run: { readonly id: string; readonly state: string }
  readonly failures: unknown
}

async function query<Row>(t: TestContext, url: string): Promise<(sql: string) => Promise<Row[]>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  afterwards(t, () => client.end())
  return async (sql) => (await client.query(sql)).rows as Row[]
}

/** Starts a run over everything with the tenant's key and waits for its end. */
async function runAll(
  process: CellProcess,
  { slug, key }: { readonly slug: string; readonly key: string },
  location: string,
): Promise<void> {
  const configure = '/v1/sources/events/options'
  const options = await process.ask({ tenant: slug }, configure, { location })
  assert.ok(options.status < 300, options.text)
  const started = await process.ask<RunView>({ key }, '/v1/runs', { title: `${slug} ${CANARY}` })
  assert.ok(started.status < 300, started.text)
  for (;;) {
    const path = `/v1/runs/${started.json.run.id}?waitMs=10000`
    const { json, text } = await process.ask<RunView>({ key }, path)
    if (json.run.state === 'running') continue
    assert.equal(json.run.state, 'done', text)
    return
  }
}

/** Everything that is published, as a reader with this key sees it. */
async function publishedOf(process: CellProcess, key: string): Promise<Record<string, string>> {
  const all: Record<string, string> = {}
  for (const { name } of process.open.factory.datasets) {
    const { status, text } = await process.ask({ key }, `/v1/datasets/${name}/export?format=csv`)
    all[name] = status === 200 ? text : `${status}`
  }
  return all
}

async function rowsOfTenant(
  sql: (text: string) => Promise<{ rows: number }[]>,
  tables: readonly { name: string }[],
  slug: string,
): Promise<string[]> {
  const found: string[] = []
  for (const { name } of tables) {
    const [row] = await sql(
      `SELECT count(*)::int AS rows FROM millrace.${name} x
       WHERE x.tenant_id = (SELECT id FROM millrace.tenant WHERE slug = '${slug}')`,
    )
    if ((row?.rows ?? 0) > 0) found.push(name)
  }
  return found
}

/** What a directory may hold of a tenant whose data lie in a cell. */
const OF_PEOPLE = [
  'api_key',
  'audit',
  'audit_head',
  'cell_tenant',
  'member',
  'tenant_turn',
  'usage',
  'usage_day',
]

test('a tenant in a cell has everything in its own database and lake, and the same results', async (t) => {
  const [main, own] = [await ownDatabase(t), await ownDatabase(t)]
  if (main === null || own === null) return t.skip('no PostgreSQL is installed')
  const data = await buildFolder(t, 'millrace-cell-data')
  await writeTwin(data, { seed: 5, months: [MONTH], rowsPerMonth: 200 })
  const location = join(data, '{yyyy}', '{MM}', 'events.csv')
  const address = new URL(own)
  address.password = SECRET
  const cellLake = join(await buildFolder(t, 'millrace-cell-lake'), 'lake')
  const env = { MILLRACE_CELL_IDLE: '1s' }
  const process = await openCellProcess(t, { databaseUrl: main, env })
  const operator = { tenant: 'default' }
  const made = await process.ask(operator, '/v1/cells', {
    name: 'north',
    databaseUrl: address.href,
    lake: cellLake,
  })
  assert.ok(made.status < 300, made.text)
  const plain = await process.tenant('plain')
  const walled = await process.tenant('walled', 'north')
  await runAll(process, { slug: 'plain', key: plain }, location)
  await runAll(process, { slug: 'walled', key: walled }, location)

  const expected = await publishedOf(process, plain)
  assert.ok(Object.values(expected).some((text) => text.split('\n').length > 10))
  assert.deepEqual(await publishedOf(process, walled), expected)

  const inMain = await query<{ name: string; rows: number }>(t, main)
  const inCell = await query<{ name: string; rows: number }>(t, own)
  const tables = await inMain(
    `SELECT c.relname AS name, 0 AS rows FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id'
     ORDER BY 1`,
  )
  const inDirectory = await rowsOfTenant(inMain, tables, 'walled')
  assert.deepEqual(
    inDirectory.filter((name) => !OF_PEOPLE.includes(name)),
    [],
  )
  const there = await rowsOfTenant(inCell, tables, 'walled')
  for (const name of ['run', 'task', 'version', 'source_option', 'partition_pointer']) {
    assert.ok(there.includes(name), `${name} is in the cell`)
  }
  assert.deepEqual(await rowsOfTenant(inCell, tables, 'plain'), [])
  const readable = await inMain(
    `SELECT c.relname AS name, 0 AS rows FROM pg_class c
     WHERE c.relnamespace = 'millrace'::regnamespace AND c.relkind = 'r'`,
  )
  assert.ok(readable.length > tables.length)
  for (const { name } of readable) {
    const [row] = await inMain(
      `SELECT '' AS name, count(*)::int AS rows FROM millrace.${name} x
       WHERE x::text LIKE '%walled ${CANARY}%' OR x::text LIKE '%${SECRET}%'`,
    )
    assert.equal(row?.rows, 0, `${name} of the directory holds nothing of the cell`)
  }
  const lakeOfMain = await readdir(join(process.home, 'lake'))
  assert.ok(lakeOfMain.includes('plain') && !lakeOfMain.includes('walled'), lakeOfMain.join())
  const lakeOfCell = await readdir(cellLake)
  assert.ok(lakeOfCell.includes('walled') && !lakeOfCell.includes('plain'), lakeOfCell.join())

  const check = await process.ask<{ problems: string[] }>(operator, '/v1/cells/north/check')
  assert.deepEqual(check.json.problems, [], check.text)
  assert.ok(!check.text.includes(SECRET) && !made.text.includes(SECRET))

  // Rows that are answered from memory do not hold it open.
  const { status } = await process.ask({ key: walled }, '/v1/datasets/events/rows?limit=1')
  assert.equal(status, 200)
  await until(async () => (process.open.cells.open().length === 0 ? true : null), 30_000)
})
