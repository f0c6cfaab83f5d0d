import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'

import pg from 'pg'

import { openParts } from '#app/compose.ts'
import { parseConfig } from '#app/config.ts'
import { createCell } from '#catalog/cells.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { silentLogger } from '#kernel/logger.ts'
import { systemRandom } from '#kernel/random.ts'
import { afterwards } from '../../test/support/afterwards.ts'
import { openCellProcess, type CellProcess } from '../../test/support/open-cells.ts'
import { buildFolder } from '../../test/support/open-parts.ts'
import { ownDatabase } from '../../test/support/own-database.ts'
import { findPostgres, startPostgres } from '../../test/support/postgres-server.ts'
import { openReceiver } from '../../test/support/receiver.ts'
import { until } from '../../test/support/shared-deployment.ts'

const operator = { tenant: 'default' }
const quick = { MILLRACE_CELL_IDLE: '1s', MILLRACE_EGRESS_ALLOW: '127.0.0.1' }

async function makeCell(
  t: TestContext,
  process: CellProcess,
  name: string,
  databaseUrl: string | null,
): Promise<void> {
  const lake = join(await buildFolder(t, 'millrace-cell-lake'), name)
  const body = databaseUrl === null ? { name } : { name, databaseUrl, lake }
  const made = await process.ask(operator, '/v1/cells', body)
  assert.ok(made.status < 300, made.text)
}

/** Connections that anybody has to a database. */
async function connectionsTo(url: string): Promise<number> {
  const { pathname } = new URL(url)
  const admin = new URL(url)
  admin.pathname = '/postgres'
  const client = new pg.Client({ connectionString: admin.href })
  await client.connect()
  try {
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = $1',
      [pathname.slice(1)],
    )
    return rows[0]?.count ?? 0
  } finally {
    await client.end()
  }
}

test('a cell opens when it is asked for, and its connections end when nobody uses it', async (t) => {
  const [main, own] = [await ownDatabase(t), await ownDatabase(t)]
  if (main === null || own === null) return t.skip('no PostgreSQL is installed')
  const process = await openCellProcess(t, { databaseUrl: main, env: quick })
  await makeCell(t, process, 'north', own)
  const key = await process.tenant('walled', 'north')
  await until(async () => ((await connectionsTo(own)) === 0 ? true : null), 30_000)
  const { status } = await process.ask({ key }, '/v1/runs')
  assert.equal(status, 200)
  assert.ok((await connectionsTo(own)) > 0, 'it is open')
  await until(async () => ((await connectionsTo(own)) === 0 ? true : null), 30_000)

  // Fifty more are listed without a look into any.
  for (let number = 0; number < 50; number++) {
    const name = `cell-${String(number).padStart(2, '0')}`
    const cell = { name, address: null, place: 'postgres://nowhere/', lake: '/nowhere' }
    await process.open.catalog.asSystem((session) => createCell(session, cell))
  }
  const listed = await process.ask<{ cells: { name: string; tenants: number }[] }>(
    operator,
    '/v1/cells',
  )
  assert.equal(listed.json.cells.length, 51)
  assert.equal(listed.json.cells.find(({ name }) => name === 'north')?.tenants, 1)
  assert.deepEqual(process.open.cells.open(), [])
  assert.equal(await connectionsTo(own), 0)
})

test('a cell that is down is down for its own tenants only, and comes back', async (t) => {
  const main = await ownDatabase(t)
  const bin = findPostgres()
  if (main === null || bin === null) return t.skip('no PostgreSQL is installed')
  const server = await startPostgres(bin)
  afterwards(t, () => server.stop('crash'))
  const process = await openCellProcess(t, { databaseUrl: main, env: quick })
  await makeCell(t, process, 'north', server.url('postgres'))
  const walled = await process.tenant('walled', 'north')
  const plain = await process.tenant('plain')
  assert.equal((await process.ask({ key: walled }, '/v1/runs')).status, 200)

  await server.stop('crash')
  for (let asked = 0; asked < 3; asked++) {
    const down = await process.ask<{ code: string }>({ key: walled }, '/v1/runs')
    assert.equal(down.status, 503)
    assert.equal(down.json.code, 'cell-unreachable')
    assert.ok(!down.text.includes('127.0.0.1') && !down.text.includes('north'), down.text)
    const startedMs = performance.now()
    assert.equal((await process.ask({ key: plain }, '/v1/runs')).status, 200)
    assert.ok(performance.now() - startedMs < 1_000, 'others do not wait for it')
  }
  assert.equal((await process.ask({ key: walled }, '/v1/keys')).status, 200, 'keys are not there')
  const check = await process.ask<{ problems: string[] }>(operator, '/v1/cells/north/check')
  assert.match(check.json.problems.join(), /cannot be reached/)

  await server.start()
  await until(async () => {
    const { status } = await process.ask({ key: walled }, '/v1/runs')
    return status === 200 ? true : null
  }, 30_000)
})

test('what is due in a cell that is closed is done in time, by whichever process is there', async (t) => {
  const [main, own] = [await ownDatabase(t), await ownDatabase(t)]
  if (main === null || own === null) return t.skip('no PostgreSQL is installed')
  const { url, received } = await openReceiver(t, () => ({ body: '{}' }))
  const api = await openCellProcess(t, { databaseUrl: main, env: quick, working: false })
  await makeCell(t, api, 'north', own)
  const key = await api.tenant('walled', 'north')
  const handler = await api.ask({ key }, '/v1/task-handlers/ring', { url })
  assert.ok(handler.status < 300, handler.text)
  const posted = await api.ask({ key }, '/v1/tasks', { name: 'ring', delay: '8s' })
  assert.ok(posted.status < 300, posted.text)
  const postedMs = performance.now()
  const worker = await openCellProcess(t, { databaseUrl: main, beside: api, env: quick })
  const left = () =>
    until(async () => {
      const { json } = await api.ask<{ cells: { dueAt: string | null; holder: string | null }[] }>(
        operator,
        '/v1/cells',
      )
      const [cell] = json.cells
      const isLater = cell?.dueAt != null && Date.parse(cell.dueAt) > Date.now()
      return cell?.holder === null && isLater ? true : null
    }, 15_000)
  await left()
  assert.equal(received.length, 0, 'it has looked, and found nothing to do for now')
  await until(async () => (received.length > 0 ? true : null), 30_000)
  const tookMs = performance.now() - postedMs
  assert.ok(tookMs > 7_000 && tookMs < 15_000, `it was done after ${Math.round(tookMs)} ms`)
  t.diagnostic(`due after 8,000 ms, done after ${Math.round(tookMs)} ms`)

  await left()
  // Asked for anew, it is done at once, though it is another process that has to look.
  const againMs = performance.now()
  await api.ask({ key }, '/v1/tasks', { name: 'ring' })
  await until(async () => (received.length > 1 ? true : null), 10_000)
  t.diagnostic(
    `asked for in another process, done after ${Math.round(performance.now() - againMs)} ms`,
  )
  await worker.close()
})

test('a process can work for one cell alone', async (t) => {
  const [main, own] = [await ownDatabase(t), await ownDatabase(t)]
  if (main === null || own === null) return t.skip('no PostgreSQL is installed')
  const { url, received } = await openReceiver(t, () => ({ body: '{}' }))
  const api = await openCellProcess(t, { databaseUrl: main, env: quick, working: false })
  await makeCell(t, api, 'north', own)
  const walled = await api.tenant('walled', 'north')
  const plain = await api.tenant('plain')
  for (const key of [plain, walled]) {
    const path = key === plain ? '/plain' : '/walled'
    await api.ask({ key }, '/v1/task-handlers/ring', { url: `${url}${path}` })
    await api.ask({ key }, '/v1/tasks', { name: 'ring' })
  }
  const env = { ...quick, MILLRACE_CELL: 'north' }
  await openCellProcess(t, { databaseUrl: main, beside: api, env })
  await until(async () => (received.length > 0 ? true : null), 20_000)
  const { json } = await api.ask<{ cells: { holder: string | null }[] }>(operator, '/v1/cells')
  assert.notEqual(json.cells[0]?.holder, null)
  assert.deepEqual(
    received.map(({ path }) => path),
    ['/walled'],
  )
  const nowhere = { ...quick, MILLRACE_CELL: 'nowhere' }
  await assert.rejects(
    openCellProcess(t, { databaseUrl: main, beside: api, env: nowhere }),
    /no cell is named "nowhere"/,
  )
})

test('what the directory says of a tenant, and what it runs, holds in its cell', async (t) => {
  const [main, own] = [await ownDatabase(t), await ownDatabase(t)]
  if (main === null || own === null) return t.skip('no PostgreSQL is installed')
  const process = await openCellProcess(t, { databaseUrl: main })
  await makeCell(t, process, 'north', own)
  const key = await process.tenant('walled', 'north')
  const tenant = await tenantBySlug(process.open.catalog, 'walled')
  assert.ok(tenant)
  const { place, release } = await process.open.cells.hold('north')
  const inCell = <Row extends object>(sql: string) =>
    place.catalog.asTenant(tenant, (session) => session.query<Row>(sql))
  await process.ask({ key }, '/v1/schedules', { name: 'nightly', cron: '0 3 * * *', datasets: [] })
  const dueAt = async () =>
    (await inCell<{ at: Date | null }>('SELECT next_at AS at FROM trigger'))[0]?.at
  assert.ok((await dueAt()) instanceof Date)

  const change = (sql: string) => process.open.catalog.asSystem((session) => session.query(sql))
  await change(`SELECT tenant_set_state(${tenant.id}, 'suspended', 'unpaid')`)
  await until(async () => ((await dueAt()) === null ? true : null), 15_000)
  const [row] = await inCell<{ state: string }>('SELECT state FROM tenant')
  assert.equal(row?.state, 'suspended')
  await change(`SELECT tenant_set_state(${tenant.id}, 'active', NULL)`)
  await until(async () => ((await dueAt()) instanceof Date ? true : null), 15_000)

  const hashHere = process.open.deployed.current().code.hash
  assert.equal(place.deployed.current().code.hash, hashHere)
  const bundle = Buffer.from(await process.open.lake.readCode(hashHere))
  const text = bundle.toString('utf8').replace('"description":"', '"description":"Changed. ')
  const { deployment } = await process.open.deployments.deploy(Buffer.from(text), {
    message: 'another',
    by: 'test',
  })
  assert.notEqual(deployment.codeHash, hashHere)
  await until(
    async () => (place.deployed.current().code.hash === deployment.codeHash ? true : null),
    15_000,
  )
  await place.lake.readCode(deployment.codeHash)
  release()
})

test('a database or a lake that is something else already does not become a cell', async (t) => {
  const [main, other] = [await ownDatabase(t), await ownDatabase(t)]
  if (main === null || other === null) return t.skip('no PostgreSQL is installed')
  const process = await openCellProcess(t, { databaseUrl: main, env: quick })
  const folder = await buildFolder(t, 'millrace-cell-lake')
  const ask = (body: object) => process.ask<{ code: string }>(operator, '/v1/cells', body)
  const refused = async (body: object, text: RegExp) => {
    const answer = await ask({ name: 'north', ...body })
    assert.equal(answer.json.code, 'cell-unusable', answer.text)
    assert.match(answer.text, text)
  }
  await refused({ databaseUrl: main, lake: folder }, /not empty|directory/)
  await refused({ databaseUrl: other }, /needs a database and a lake/)
  await refused(
    { databaseUrl: other, lake: join(process.home, 'lake', 'in') },
    /its lake would lie/,
  )
  await refused({ databaseUrl: other, lake: process.home }, /its lake would lie/)
  assert.ok((await ask({ name: 'north', databaseUrl: other, lake: folder })).status < 300)
  const twin = await ask({ name: 'south', databaseUrl: other, lake: `${folder}-2` })
  assert.equal(twin.json.code, 'cell-unusable')
  assert.equal((await ask({ name: 'north' })).json.code, 'cell-unusable')

  const config = parseConfig({
    MILLRACE_HOME: await buildFolder(t),
    DATABASE_URL: other,
  })
  const tools = { clock: systemClock, random: systemRandom, log: silentLogger }
  await assert.rejects(
    openParts(config, tools),
    (error) => error instanceof MillraceError && error.code === 'catalog-is-cell',
  )
})

test('an embedded home has cells in folders of their own', async (t) => {
  const process = await openCellProcess(t, { working: false })
  await makeCell(t, process, 'north', null)
  const key = await process.tenant('walled', 'north')
  const created = await process.ask<{ name: string }>({ key }, '/v1/schedules', {
    name: 'nightly',
    cron: '0 3 * * *',
    datasets: [],
  })
  assert.ok(created.status < 300, created.text)
  const listed = await process.ask<{ schedules: { name: string }[] }>({ key }, '/v1/schedules')
  assert.deepEqual(
    listed.json.schedules.map(({ name }) => name),
    ['nightly'],
  )
  const tenant = await tenantBySlug(process.open.catalog, 'walled')
  assert.ok(tenant)
  const here = await process.open.catalog.asTenant(tenant, (session) =>
    session.query('SELECT id FROM trigger'),
  )
  assert.deepEqual(here, [], 'the directory has none of it')
  await assert.rejects(
    process.open.catalog.asTenant(tenant, (session) =>
      session.query(
        `INSERT INTO source_option (tenant_id, dataset, options) VALUES ($1, 'x', '{}')`,
        [tenant.id],
      ),
    ),
    /has its data in cell north/,
  )
})

test('a key that is revoked in the directory is refused for a cell within a second', async (t) => {
  const process = await openCellProcess(t, { working: false })
  await makeCell(t, process, 'north', null)
  const key = await process.tenant('walled', 'north')
  assert.equal((await process.ask({ key }, '/v1/runs')).status, 200)
  const made = await process.ask<{ id: string; key: string }>({ tenant: 'walled' }, '/v1/keys', {
    name: 'second',
    permissions: ['read'],
  })
  const second = { key: made.json.key }
  assert.equal((await process.ask(second, '/v1/runs')).status, 200)
  await process.ask({ tenant: 'walled' }, `/v1/keys/${made.json.id}/revoke`, {})
  const revokedMs = performance.now()
  await until(async () => ((await process.ask(second, '/v1/runs')).status === 401 ? true : null))
  assert.ok(performance.now() - revokedMs < 1_300)
})

test('a change is in the log of the place where it was made, and both can be followed', async (t) => {
  const process = await openCellProcess(t, { working: false })
  await makeCell(t, process, 'north', null)
  const key = await process.tenant('walled', 'north')
  await process.ask({ key }, '/v1/queue/pause', { reason: 'tidying' })
  await process.ask({ key }, '/v1/keys', { name: 'second' })
  const actions = async (log: string) => {
    const { json } = await process.ask<{ rows: { action: string }[] }>(
      { key },
      `/v1/audit?log=${log}`,
    )
    return json.rows.map(({ action }) => action)
  }
  assert.deepEqual(await actions('cell'), ['queue.pause'])
  const inDirectory = await actions('directory')
  assert.equal(inDirectory[0], 'keys.create')
  assert.ok(!inDirectory.includes('queue.pause'))
  for (const log of ['cell', 'directory']) {
    const { json } = await process.ask<{ broken: unknown; rows: number }>(
      { key },
      `/v1/audit/verify?log=${log}`,
    )
    assert.equal(json.broken, null)
    assert.ok(json.rows >= 1)
  }
})
