import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'

import { createKey } from '#catalog/keys.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { systemClock } from '#kernel/clock.ts'
import type { Tenant } from '#model/tenant.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCellProcess } from '../support/open-cells.ts'
import { waitForEnd } from '../support/open-parts.ts'
import { openServer, type TestServer } from '../support/open-server.ts'

const shop = {
  'pack.ts': `import { definePack } from 'millrace'
export default definePack({ name: 'shop', description: 'A shop.' })
`,
  'sources/sales.ts': `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Sales.', format: 'csv', partition: 'month',
  columns: { town: { type: 'text' }, amount: { type: 'integer' } },
})
`,
  'endpoints/towns.sql': `-- Towns.
-- param: least integer = 0 — l
-- order: town
SELECT town, amount FROM sales WHERE amount >= $least
`,
  'endpoints/total.sql': `-- All of it.
SELECT CAST(sum(amount) AS BIGINT) AS amount FROM sales
`,
}

/** What one key did, as the test itself saw it. */
interface Seen {
  requests: number
  refused: number
  rows: number
  bytes: number
}
interface Key {
  readonly id: string
  readonly key: string
  readonly name: string
  readonly tenant: Tenant
}
type Row = Readonly<Record<string, unknown>>

let server: TestServer
let folder: string
const keys: Record<'web' | 'nightly' | 'foreign', Key> = {} as never
const seen = new Map<Key, Map<string, Seen>>()

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-traffic-'))
  for (const [file, text] of Object.entries(shop)) {
    await mkdir(dirname(join(folder, 'shop', file)), { recursive: true })
    await writeFile(join(folder, 'shop', file), text)
  }
  await writeFile(join(folder, '2026-10.csv'), 'town,amount\nBern,1\nChur,2\nThun,4\n')
  server = await openServer({}, { packs: ['traffic', join(folder, 'shop')] })
  const { alpha, beta } = server.tenants
  keys.web = await newKey(alpha, 'web shop')
  keys.nightly = await newKey(alpha, 'nightly "job"')
  keys.foreign = await newKey(beta, 'CANARY')
  for (const key of [keys.web, keys.foreign]) {
    await server.open.catalog.asTenant(key.tenant, (session) =>
      setSourceOptions(session, 'sales', { location: join(folder, '{yyyy}-{MM}.csv') }),
    )
    await run(key, ['sales'])
  }
})
after(async () => {
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function newKey(tenant: Tenant, name: string): Promise<Key> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  await server.open.catalog.asTenant(tenant, (session) =>
    createKey(session, { id, hash, name, permissions: ['read', 'run', 'write'] }),
  )
  return { id, key, name, tenant }
}

async function ask({ key }: Key, url: string, payload?: object) {
  const headers = { authorization: `Bearer ${key}` }
  const method = payload ? 'POST' : 'GET'
  return server.app.inject({ method, url, headers, ...(payload && { payload }) })
}

/** Asks an endpoint, and notes what came of it. */
async function call(key: Key, endpoint: string, query: string, status: number, rows: number) {
  const answer = await ask(key, `/v1/endpoints/${endpoint}/${query}`)
  assert.equal(answer.statusCode, status, answer.body)
  const own = seen.get(key) ?? new Map<string, Seen>()
  seen.set(key, own)
  const counts = own.get(endpoint) ?? { requests: 0, refused: 0, rows: 0, bytes: 0 }
  own.set(endpoint, counts)
  counts.requests++
  counts.rows += rows
  if (status === 200) counts.bytes += Buffer.byteLength(answer.body)
  else counts.refused++
}

async function run(key: Key, datasets: readonly string[]): Promise<void> {
  const answer = await ask(key, '/v1/runs', { datasets, mode: 'run' })
  assert.equal(answer.statusCode, 200, answer.body)
  const { id } = answer.json<{ run: { id: string } }>().run
  const { run: ended, failures } = await waitForEnd(server.open, key.tenant, id)
  assert.equal(ended.state, 'done', JSON.stringify(failures))
}

async function rows(key: Key, url: string, payload?: object): Promise<readonly Row[]> {
  const answer = await ask(key, url, payload)
  assert.equal(answer.statusCode, 200, answer.body)
  return answer.json<{ rows: Row[] }>().rows
}

const KEYS = `SELECT endpoint, caller, key_name, CAST(sum(requests) AS BIGINT) AS requests,
  CAST(sum(refused) AS BIGINT) AS refused, CAST(sum(rows) AS BIGINT) AS rows,
  CAST(sum(bytes) AS BIGINT) AS bytes
  FROM endpoint_traffic WHERE endpoint IN ('towns', 'total')
  GROUP BY ALL ORDER BY endpoint, caller`

/** What the dataset has to say of a tenant: hours do not count, for one may end in between. */
function expected(tenant: Tenant): Row[] {
  return [...seen]
    .filter(([key]) => key.tenant === tenant)
    .flatMap(([key, endpoints]) =>
      [...endpoints].map(([endpoint, counts]) => ({
        endpoint,
        caller: key.id,
        key_name: key.name,
        ...counts,
      })),
    )
    .toSorted((a, b) => (`${a.endpoint} ${a.caller}` < `${b.endpoint} ${b.caller}` ? -1 : 1))
}

async function stateOf(key: Key): Promise<readonly string[]> {
  const plan = await server.open.factory.plan(key.tenant, {
    datasets: ['endpoint_traffic'],
    partitions: null,
    mode: 'run',
  })
  return plan.tasks.map(({ dataset }) => dataset)
}

test('the traffic of each key is a dataset of its tenant, and of no other', async () => {
  const { web, nightly, foreign } = keys
  for (let times = 0; times < 3; times++) await call(web, 'towns', 'rows', 200, 3)
  await call(web, 'towns', 'rows?least=2', 200, 2)
  await call(web, 'towns', 'rows?least=many', 400, 0)
  await call(web, 'total', 'rows.csv', 200, 1)
  for (let times = 0; times < 2; times++) await call(nightly, 'towns', 'rows.ndjson', 200, 3)
  await call(foreign, 'total', 'rows', 200, 1)
  await call(foreign, 'towns', 'rows?least=4', 200, 1)
  await server.open.traffic.flush()
  for (const key of [web, foreign]) await run(key, ['endpoint_traffic'])

  for (const key of [web, foreign]) {
    const found = await rows(key, '/v1/query', { sql: KEYS })
    assert.deepEqual(found, expected(key.tenant))
    assert.ok(found.length >= 2)
  }
  const own = await ask(web, '/v1/datasets/endpoint_traffic/rows')
  assert.equal(own.statusCode, 200)
  assert.match(own.body, /web shop/)
  assert.doesNotMatch(own.body, new RegExp(`CANARY|${foreign.id}`))
  assert.deepEqual(await stateOf(web), [])
})

test('an endpoint tells of the endpoints, and leads on to the keys behind each', async () => {
  // A day may end while this runs.
  const span = `from=${new Date(Date.now() - 86_400_000).getUTCFullYear()}&to=${new Date().getUTCFullYear()}`
  const found = await rows(keys.web, `/v1/endpoints/endpoint_requests/rows?${span}&sort=endpoint`)
  const sums = (name: 'requests' | 'refused' | 'rows' | 'bytes', endpoint: string) =>
    expected(keys.web.tenant)
      .filter((row) => row['endpoint'] === endpoint)
      .reduce((sum, row) => sum + Number(row[name]), 0)
  assert.deepEqual(
    found.map(({ endpoint, requests, answered, refused, failed, rows: all, bytes }) => ({
      endpoint,
      requests,
      answered,
      refused,
      failed,
      rows: all,
      bytes,
    })),
    ['total', 'towns'].map((endpoint) => ({
      endpoint,
      requests: sums('requests', endpoint),
      answered: sums('requests', endpoint) - sums('refused', endpoint),
      refused: sums('refused', endpoint),
      failed: 0,
      rows: sums('rows', endpoint),
      bytes: sums('bytes', endpoint),
    })),
  )
  const behind = await rows(
    keys.web,
    `/v1/endpoints/endpoint_requests/drill?${span}&row.endpoint=towns`,
  )
  const names = new Set(behind.map((row) => row['key_name']))
  assert.deepEqual(names, new Set(['web shop', 'nightly "job"']))
})

test('what is asked afterwards makes the day stale, and the next run corrects it', async () => {
  const { web, nightly, foreign } = keys
  await call(nightly, 'total', 'rows', 200, 1)
  await call(web, 'towns', 'rows?least=4', 200, 1)
  await server.open.traffic.flush()
  assert.ok((await stateOf(web)).includes('endpoint_traffic'))
  await run(web, ['endpoint_traffic'])
  assert.deepEqual(await rows(web, '/v1/query', { sql: KEYS }), expected(web.tenant))
  assert.deepEqual(await rows(foreign, '/v1/query', { sql: KEYS }), expected(foreign.tenant))
  const months = await rows(web, '/v1/query', {
    sql: `SELECT endpoint, caller, CAST(sum(requests) AS BIGINT) AS requests FROM caller_months
      WHERE endpoint <> 'endpoint_requests' GROUP BY ALL ORDER BY endpoint, caller`,
  })
  assert.deepEqual(
    months,
    expected(web.tenant).map(({ endpoint, caller, requests }) => ({ endpoint, caller, requests })),
  )
})

test('a receipt leads back to the day that Millrace kept', async () => {
  const answer = await ask(keys.web, '/v1/endpoints/endpoint_requests/rows')
  const { receipt } = answer.json<{ receipt: string }>()
  const sources = await ask(keys.web, `/v1/receipts/${receipt}/sources`)
  assert.equal(sources.statusCode, 200, sources.body)
  assert.match(sources.body, /traffic:\/\/endpoints\/\d{4}\/\d{2}\/\d{2}\.ndjson/)
})

test('no option and no address leads to another tenant', async () => {
  const place = '/v1/sources/endpoint_traffic/test'
  const look = async (key: Key, payload: object) => {
    const answer = await ask(key, place, payload)
    const { objects, missing, extra } = answer.json<Row>()
    return { objects, missing, extra, status: answer.statusCode, body: answer.body }
  }
  const own = await look(keys.web, {})
  assert.equal(own.status, 200, own.body)
  assert.deepEqual([own.missing, own.extra], [[], []])
  assert.ok(Number(own.objects) >= 1)
  for (const folder of ['beta', 'endpoints/beta', 'endpoints/../../beta', 'endpoints/{tenant}']) {
    const location = `traffic://${folder}/{yyyy}/{MM}/{dd}.ndjson`
    const there = await look(keys.foreign, { location })
    const foreign = await look(keys.web, { location })
    for (const { status, objects } of [there, foreign]) {
      assert.equal(status, 200, location)
      assert.equal(objects, 0, location)
    }
  }
  for (const option of [{ tenant: 'beta' }, { region: 'beta' }, { location: 'traffic:beta' }]) {
    const refused = await look(keys.web, option)
    assert.equal(refused.status, 400, refused.body)
  }
})

test('a sensor on it keeps it fresh', async () => {
  const { web } = keys
  server.open.startWorking(['worker', 'scheduler'])
  const made = await ask(web, '/v1/sensors', { source: 'endpoint_traffic', every: 1000, settle: 0 })
  assert.equal(made.statusCode, 200, made.body)
  await call(web, 'total', 'rows', 200, 1)
  await server.open.traffic.flush()
  const wanted = JSON.stringify(expected(web.tenant))
  const since = performance.now()
  for (;;) {
    const found = JSON.stringify(await rows(web, '/v1/query', { sql: KEYS }))
    if (found === wanted) break
    if (performance.now() - since > 60_000) assert.equal(found, wanted)
    await systemClock.sleep(200)
  }
})

test('a tenant whose data lie in a cell reads its own traffic, too', async (t) => {
  const process = await openCellProcess(t, { env: { MILLRACE_PACKS: 'traffic' } })
  const cell = await process.ask({ tenant: 'default' }, '/v1/cells', { name: 'north' })
  assert.ok(cell.status < 300, cell.text)
  const tenants = {
    plain: await process.tenant('plain'),
    walled: await process.tenant('walled', 'north'),
  }
  for (const [slug, key] of Object.entries(tenants)) {
    for (let times = 0; times < slug.length; times++) {
      const { status } = await process.ask({ key }, '/v1/endpoints/endpoint_requests/rows')
      assert.ok(status >= 400 && status < 500, `${status}`)
    }
  }
  await process.open.traffic.flush()
  for (const [slug, key] of Object.entries(tenants)) {
    const asked = { datasets: ['endpoint_traffic'] }
    const started = await process.ask<{ run: { id: string } }>({ key }, '/v1/runs', asked)
    assert.ok(started.status < 300, started.text)
    for (;;) {
      // The embedded engine answers in this very process: whoever asks on and on lets nobody work.
      await systemClock.sleep(50)
      const path = `/v1/runs/${started.json.run.id}`
      const { json, text } = await process.ask<{ run: { state: string } }>({ key }, path)
      if (json.run.state === 'running') continue
      assert.equal(json.run.state, 'done', text)
      break
    }
    const sql = 'SELECT CAST(sum(requests) AS BIGINT) AS requests FROM endpoint_traffic'
    const { json, text } = await process.ask<{ rows: unknown }>({ key }, '/v1/query', { sql })
    assert.deepEqual(json.rows, [{ requests: slug.length }], text)
  }
})
