import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'

import { createKey } from '#catalog/keys.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { memoryCodeVersions } from '#definitions/code-versions.ts'
import { openDuckdbParser } from '#definitions/duckdb-parser.ts'
import { readPack } from '#definitions/read-pack.ts'
import { bundlePacks } from '#factory/code-bundle.ts'
import type { Access } from '#model/access.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { waitForEnd } from '../../../test/support/open-parts.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let folder: string
const parser = openDuckdbParser()

const files = {
  'pack.ts': `import { definePack } from 'millrace'
export default definePack({ name: 'meters', description: 'Meters.' })
`,
  'sources/readings.ts': `import { defineSource } from 'millrace'
export default defineSource({
  description: 'Readings.', format: 'csv', partition: 'month',
  columns: { meter: { type: 'text' }, town: { type: 'text' }, amount: { type: 'integer' } },
})
`,
  'analyses/towns.sql': `-- Towns.
-- partition: month
-- input: readings same
-- order: town
SELECT town, sum(amount) AS amount FROM readings GROUP BY town
`,
}
const totals = `-- Towns of a month.
-- param: month period = latest — m
-- param: least integer = 0 — l
-- input: towns partition $month
-- order: town
SELECT town, amount FROM towns WHERE amount >= $least
-- drill
-- input: readings partition $month
SELECT meter, amount FROM readings WHERE town = $row_town ORDER BY meter
`

async function deploy(endpoints: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries({ ...files, ...endpoints })) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  const { serializeSql, describeSql } = parser
  const codeVersions = memoryCodeVersions()
  const pack = await readPack(folder, { serializeSql, describeSql, codeVersions })
  await server.open.deployments.deploy(await bundlePacks([pack]), { message: '', by: 'test' })
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-endpoint-'))
  server = await openServer()
  const { alpha } = server.tenants
  await deploy({ 'endpoints/totals.sql': totals, 'endpoints/other.sql': totals })
  await writeFile(join(folder, '2021-04.csv'), 'meter,town,amount\na,Bern,1\nb,Bern,2\nc,Chur,4\n')
  const location = join(folder, '{yyyy}-{MM}.csv')
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'readings', { location }),
  )
  const run = await ask('/v1/runs', await server.key(alpha, ['read', 'run']), { mode: 'run' })
  const { id } = run.json<{ run: { id: string } }>().run
  assert.equal((await waitForEnd(server.open, alpha, id)).run.state, 'done')
})
after(async () => {
  parser.close()
  await server.close()
  await rm(folder, { recursive: true, force: true })
})

async function ask(url: string, key: string, payload?: object) {
  const headers = { authorization: `Bearer ${key}` }
  const method = payload ? 'POST' : 'GET'
  return server.app.inject({ method, url, headers, ...(payload && { payload }) })
}

async function limitedKey(access: Partial<Access>): Promise<string> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  const whole = { endpoints: null, columns: {}, rows: {}, ...access }
  await server.open.catalog.asTenant(server.tenants.alpha, (session) =>
    createKey(session, { id, hash, name: 'limited', permissions: ['read'], access: whole }),
  )
  return key
}

const rowsOf = async (url: string, key: string) =>
  (await ask(url, key)).json<{ rows: unknown[] }>().rows

test('whoever may see an endpoint only finds no other, and is not led on to its datasets', async () => {
  const key = await limitedKey({ endpoints: ['totals'] })
  const { endpoints } = (await ask('/v1/endpoints', key)).json<{
    endpoints: { endpoint: string }[]
  }>()
  assert.deepEqual(
    endpoints.map(({ endpoint }) => endpoint),
    ['totals'],
  )
  for (const rest of ['', '/versions', '/rows', '/drill?row.town=Bern']) {
    const hidden = await ask(`/v1/endpoints/other${rest}`, key)
    const unknown = await ask(`/v1/endpoints/nowhere${rest}`, key)
    assert.equal(hidden.statusCode, 404, rest)
    const spoken = (body: string) =>
      body.replaceAll(/other|nowhere/g, 'NAME').replace(/req_\w+/g, 'ID')
    assert.equal(spoken(hidden.body), spoken(unknown.body))
  }
  assert.deepEqual(await rowsOf('/v1/endpoints/totals/rows', key), [
    { town: 'Bern', amount: 3 },
    { town: 'Chur', amount: 4 },
  ])
  const led = await ask('/v1/endpoints/totals/drill?row.town=Bern', key)
  assert.equal(led.json<{ code: string }>().code, 'endpoint-drill-missing')
  assert.ok(!led.body.includes('readings'), led.body)
  const open = await limitedKey({ endpoints: ['totals', 'towns', 'readings'] })
  assert.deepEqual(await rowsOf('/v1/endpoints/totals/drill?row.town=Bern', open), [
    { meter: 'a', amount: 1 },
    { meter: 'b', amount: 2 },
  ])
})

test('whoever sees some rows of an endpoint is led on from those alone', async () => {
  const rows = { totals: [{ column: 'town', op: 'eq' as const, value: 'Bern' }] }
  const key = await limitedKey({ rows })
  assert.equal((await rowsOf('/v1/endpoints/totals/rows', key)).length, 1)
  assert.equal((await rowsOf('/v1/endpoints/totals/drill?row.town=Bern', key)).length, 2)
  const other = await ask('/v1/endpoints/totals/drill?row.town=Chur', key)
  assert.deepEqual(
    [other.statusCode, other.json<{ code: string }>().code],
    [400, 'endpoint-drill-row'],
  )
})

test('a hidden column is in no description and no sample', async () => {
  const key = await limitedKey({ columns: { totals: ['town'] } })
  const shown = await ask('/v1/endpoints/totals', key)
  assert.equal(shown.statusCode, 200)
  const { endpoint, sample } = shown.json<{
    endpoint: { columns: { name: string }[] }
    sample: { rows: object[] } | null
  }>()
  assert.deepEqual(
    endpoint.columns.map(({ name }) => name),
    ['town'],
  )
  assert.deepEqual(sample?.rows, [{ town: 'Bern' }, { town: 'Chur' }])
})

test('whoever is limited sees own requests only, and not who else asks', async () => {
  const key = await limitedKey({ endpoints: ['totals'] })
  const whole = await server.key(server.tenants.alpha, ['read'])
  await rowsOf('/v1/endpoints/totals/rows', key)
  await rowsOf('/v1/endpoints/other/rows', whole)
  await server.parts.traffic.flush()
  const hours = async (by: string, query = '') =>
    (await ask(`/v1/endpoint-traffic${query}`, by)).json<{
      hours: { endpoint: string; caller: string; requests: number }[]
    }>().hours
  const own = await hours(key)
  assert.deepEqual(
    own.map(({ endpoint, requests }) => [endpoint, requests]),
    [['totals', 1]],
  )
  assert.ok((await hours(whole)).length > 1)
  const [foreign] = (await hours(whole)).filter(({ caller }) => caller !== own[0]?.caller)
  assert.deepEqual(await hours(key, `?caller=${encodeURIComponent(foreign?.caller ?? '')}`), [])
  const { versions } = (await ask('/v1/endpoints/totals/versions', key)).json<{
    versions: { usedBy: unknown[] }[]
  }>()
  assert.deepEqual(
    versions.flatMap(({ usedBy }) => usedBy),
    [],
  )
})

test('requests are summed by hour and by endpoint, for whoever is limited the own ones', async () => {
  const key = await limitedKey({ endpoints: ['totals'] })
  const whole = await server.key(server.tenants.alpha, ['read'])
  await rowsOf('/v1/endpoints/totals/rows', key)
  assert.equal((await ask('/v1/endpoints/totals/rows?nothing=1', key)).statusCode, 400)
  await rowsOf('/v1/endpoints/other/rows', whole)
  await server.parts.traffic.flush()
  interface Load {
    requests: number
    refused: number
    latency: number[]
    p95Ms: number | null
  }
  const byHour = async (by: string, query = '') =>
    (await ask(`/v1/endpoint-traffic/by-hour${query}`, by)).json<{
      boundsMs: number[]
      hours: (Load & { hour: string })[]
      callers: (Load & { caller: string })[]
    }>()
  const byEndpoint = async (by: string) =>
    (await ask('/v1/endpoint-traffic/by-endpoint', by)).json<{
      endpoints: (Load & { endpoint: string; callers: number; hours: { requests: number }[] })[]
    }>().endpoints
  const { hours, callers, boundsMs } = await byHour(key)
  assert.deepEqual(
    hours.map(({ requests, refused }) => [requests, refused]),
    [[2, 1]],
  )
  assert.equal(hours[0]?.latency.length, boundsMs.length + 1)
  assert.equal(
    hours[0]?.latency.reduce((sum, one) => sum + one, 0),
    2,
  )
  assert.equal(callers.length, 1)
  const [all] = (await byHour(whole)).hours
  assert.ok((all?.requests ?? 0) > 2)
  const own = await byEndpoint(key)
  assert.deepEqual(
    own.map(({ endpoint, requests, callers: who, hours: some }) => [
      endpoint,
      requests,
      who,
      some.map(({ requests: count }) => count),
    ]),
    [['totals', 2, 1, [2]]],
  )
  assert.ok((await byEndpoint(whole)).some(({ endpoint }) => endpoint === 'other'))
  const foreign = (await byHour(whole)).callers.find(({ caller }) => caller !== callers[0]?.caller)
  const theirs = `?caller=${encodeURIComponent(foreign?.caller ?? '')}`
  assert.deepEqual((await byHour(key, theirs)).hours, [])
  const long = '?since=2020-01-01T00:00:00Z'
  assert.equal((await ask(`/v1/endpoint-traffic/by-hour${long}`, whole)).statusCode, 400)
})

test('a key is limited to an endpoint over REST, and to columns that it has', async () => {
  const admin = await server.key(server.tenants.alpha, ['read', 'admin'])
  await rowsOf('/v1/endpoints/totals/rows', admin)
  const create = (access: object) =>
    server.app.inject({
      method: 'POST',
      url: '/v1/keys',
      headers: { authorization: `Bearer ${admin}` },
      payload: { name: 'one endpoint', ...access },
    })
  const made = await create({ endpoints: ['totals'], columns: { totals: ['town'] } })
  const { key } = made.json<{ key: string }>()
  assert.deepEqual(await rowsOf('/v1/endpoints/totals/rows', key), [
    { town: 'Bern' },
    { town: 'Chur' },
  ])
  assert.equal((await ask('/v1/endpoints/other/rows', key)).statusCode, 404)
  for (const refused of [
    { endpoints: ['nowhere'] },
    { columns: { totals: ['village'] } },
    { rows: { totals: [{ column: 'amount', op: 'gt', value: 'much' }] } },
  ]) {
    const answer = await create(refused)
    assert.equal(answer.json<{ code: string }>().code, 'access-invalid', JSON.stringify(refused))
  }
})

test('requests of a key stand beside it by hour', async () => {
  const admin = await server.key(server.tenants.alpha, ['read', 'admin'])
  await rowsOf('/v1/endpoints/totals/rows', admin)
  await ask('/v1/endpoints/totals/rows?nothing=1', admin)
  await server.parts.traffic.flush()
  const { keys } = (await ask('/v1/keys/use?limit=1', admin)).json<{
    keys: { hours: { requests: number; refused: number }[] }[]
  }>()
  assert.deepEqual(
    keys.map(({ hours }) => hours.map(({ requests, refused }) => [requests, refused])),
    [[[2, 1]]],
  )
})

test('answers of a former version tell since when and until when it is answered', async () => {
  const key = await server.key(server.tenants.alpha, ['read'])
  const before = await ask('/v1/endpoints/totals/rows', key)
  assert.equal(before.headers['millrace-endpoint-version'], '1')
  assert.equal(before.headers['deprecation'], undefined)
  await deploy({ 'endpoints/totals.sql': totals.replace('amount >= $least', 'amount > $least') })
  const former = await ask('/v1/endpoints/totals/rows?version=1&limit=1', key)
  assert.equal(former.headers['millrace-endpoint-version'], '1')
  assert.match(String(former.headers['deprecation']), /^@\d{10}$/)
  const untilMs = Date.parse(String(former.headers['sunset']))
  assert.ok(untilMs > Date.parse(String(former.headers['date'])) + 89 * 86_400_000)
  assert.match(
    String(former.headers['link']),
    /rel="next".*rel="deprecation".*rel="successor-version"/,
  )
  const current = await ask('/v1/endpoints/totals/rows', key)
  assert.equal(current.headers['millrace-endpoint-version'], '2')
})
