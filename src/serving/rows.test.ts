import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { setSourceOptions } from '#catalog/options.ts'
import { exportDataset } from '#operations/datasets/export.ts'
import { invoke } from '#operations/invoke.ts'
import { openCallers } from '#operations/open-callers.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'
import { waitForEnd } from '../../test/support/open-parts.ts'

const ROWS_MAX = 3

let server: TestServer
let key: string
let foreignKey: string
let operatorKey: string

before(async () => {
  server = await openServer({ rowsMax: ROWS_MAX })
  const { alpha, beta } = server.tenants
  key = await server.key(alpha, ['read', 'run'])
  foreignKey = await server.key(beta, ['read', 'run'])
  operatorKey = await server.key(alpha, ['operator'])
  for (const [month, rows] of [
    ['03', 2],
    ['04', 4],
  ] as const) {
    const folder = join(server.home, 'in', '2021', month)
    await mkdir(folder, { recursive: true })
    const lines = Array.from(
      { length: rows },
      (_, at) =>
        `d24173d9-b062-49a7-a856-74c89dcab4${at}0,2021-${month}-0${at + 1},p${at}@shop.co.uk,"Côte, d’Ivoire",192.66.235.59,index,visit,"['a']"`,
    )
    const header = 'id,timestamp,email,country,ip,uri,action,tags'
    await writeFile(join(folder, 'events.csv'), `${[header, ...lines].join('\n')}\n`)
  }
  const location = join(server.home, 'in', '{yyyy}', '{MM}', 'events.csv')
  await server.open.catalog.asTenant(alpha, (session) =>
    setSourceOptions(session, 'events', { location }),
  )
  const request = { datasets: ['events'], partitions: ['2021-03', '2021-04'], mode: 'run' } as const
  const started = await server.open.factory.start(alpha, request, { cause: 'test', title: 'test' })
  const view = await waitForEnd(server.open, alpha, started.run?.id ?? '')
  assert.equal(view.run.state, 'done', JSON.stringify(view.failures))
})
after(() => server.close())

function get(url: string, headers: Record<string, string> = {}, as = key) {
  return server.app.inject({ url, headers: { authorization: `Bearer ${as}`, ...headers } })
}

const march = '/v1/datasets/events/rows?partition=2021-03'

test('rows come in the format that is asked for by name or by Accept', async () => {
  const csv = await get(`${march}&format=csv`)
  assert.equal(csv.statusCode, 200)
  assert.equal(csv.headers['content-type'], 'text/csv; charset=utf-8; header=present')
  assert.match(csv.body, /^id,timestamp,email,country,/)
  assert.match(csv.body, /"Côte, d’Ivoire"/)
  assert.equal(csv.body.trim().split('\n').length, 3)
  const negotiated = await get(march, { accept: 'text/html;q=0.9, text/csv' })
  assert.equal(negotiated.body, csv.body)
  const json = (await get(march)).json<{ email: string }[]>()
  assert.deepEqual(
    json.map(({ email }) => email),
    ['p0@shop.co.uk', 'p1@shop.co.uk'],
  )
  const ndjson = await get(`${march}&format=ndjson`)
  const lines = ndjson.body.trim().split('\n')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line) as object),
    json,
  )
  const parquet = await get(`${march}&format=parquet`)
  assert.equal(parquet.rawPayload.subarray(0, 4).toString(), 'PAR1')
  assert.equal(parquet.rawPayload.subarray(-4).toString(), 'PAR1')
  assert.match(String(parquet.headers['content-disposition']), /filename="events-2021-03\.parquet"/)
})

test('an answer names its commit and its tag, and the tag is enough the second time', async () => {
  const first = await get(march)
  assert.ok(Number(first.headers['millrace-commit']) > 0)
  assert.equal(first.headers['millrace-rows'], '2')
  const tag = String(first.headers.etag)
  const second = await get(march, { 'if-none-match': `"other", W/${tag}` })
  assert.equal(second.statusCode, 304)
  assert.equal(second.body, '')
  for (const other of [`${march}&format=csv`, `${march}&limit=1`, march.replace('03', '04')]) {
    assert.notEqual((await get(other)).headers.etag, tag, other)
  }
})

test('a limit is a prefix, and says how many there are', async () => {
  const limited = await get(`${march}&limit=1`)
  assert.equal(limited.json<object[]>().length, 1)
  assert.equal(limited.headers['millrace-rows'], '1')
  assert.equal(limited.headers['millrace-total-rows'], '2')
})

test('more rows than one request may answer are refused with the way to get them', async () => {
  const refused = await get(march.replace('03', '04'))
  assert.equal(refused.statusCode, 422)
  const { code, detail, remedy } = refused.json<Record<string, string>>()
  assert.equal(code, 'rows-too-many')
  assert.match(detail ?? '', /events has 4 rows in these partitions.*at most 3/)
  assert.match(remedy ?? '', /millrace show events --format json --out events\.json/)
  const limited = await get(`${march.replace('03', '04')}&limit=${ROWS_MAX}`)
  assert.equal(limited.statusCode, 200)
})

test('an export has no limit, needs an operator, and tells which partition a row is of', async () => {
  const url = '/v1/datasets/events/export?format=csv'
  assert.equal((await get(url)).statusCode, 403)
  const all = await get(url, {}, operatorKey)
  const lines = all.body.trim().split('\n')
  assert.equal(lines.length, 7)
  assert.match(lines[0] ?? '', /^partition,id,/)
  assert.deepEqual(
    lines.slice(1).map((line) => line.slice(0, 7)),
    ['2021-03', '2021-03', '2021-04', '2021-04', '2021-04', '2021-04'],
  )
})

test('another tenant sees nothing of it', async () => {
  const foreign = await get(march, {}, foreignKey)
  assert.equal(foreign.statusCode, 404)
  assert.equal(foreign.json<{ code: string }>().code, 'rows-unpublished')
})

test('partitions without rows answer with their columns', async () => {
  const empty = await get('/v1/datasets/known_companies/rows?partition=2021-04&format=csv&limit=0')
  assert.equal(empty.statusCode, 200)
  assert.match(empty.body, /^company,/)
})

test('nothing stays behind of answers that were sent, refused or abandoned', async () => {
  const { parts, tenants } = server
  const caller = await openCallers(parts).operator(tenants.alpha.slug, 'local')
  const signal = new AbortController().signal
  const door = { address: null, agent: null, requestId: null, setSession() {} }
  const context = { parts, caller, door, signal }
  const rows = await invoke(exportDataset, { dataset: 'events', format: 'csv' }, context)
  const left = async () =>
    (await readdir(parts.scratchFolder)).filter((name) => name.startsWith('read_'))
  const abandoned = await rows.open()
  assert.equal((await left()).length, 1)
  abandoned.destroy()
  const aborted = AbortSignal.abort(new Error('gone'))
  await assert.rejects(rows.open(aborted))
  for (let tries = 0; tries < 50; tries++) {
    if ((await left()).length === 0) return
    await server.open.clock.sleep(20)
  }
  assert.deepEqual(await left(), [])
})
