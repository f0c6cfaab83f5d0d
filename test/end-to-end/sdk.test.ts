import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import {
  createClient,
  MillraceError,
  parseExact,
  stringifyExact,
  type Client,
  type ClientOptions,
} from '../../sdk/src/index.ts'
import { buildWorld, MONTH, type World } from '../isolation/world.ts'

let world: World
let url: string
let key: string
let client: Client

before(async () => {
  world = await buildWorld()
  url = await world.server.app.listen({ port: 0, host: '127.0.0.1' })
  key = await world.server.key(world.mine, ['read', 'export', 'write', 'run', 'admin'])
  client = createClient({ url, key })
})
after(() => world.close())

/** A client whose requests go through `around`. */
function clientWith(around: typeof fetch, more: Partial<ClientOptions> = {}): Client {
  return createClient({ url, key, fetch: around, ...more })
}

test('operations are methods, and problems are errors with their code', async () => {
  const { datasets } = await client.datasets.list()
  assert.ok(Array.isArray(datasets))
  await assert.rejects(client.runs.get({ run: 'run_nowhere' }), (error) => {
    assert.ok(error instanceof MillraceError)
    assert.deepEqual([error.code, error.status, error.retryable], ['run-unknown', 404, false])
    assert.match(error.requestId, /^req_/)
    return true
  })
  await assert.rejects(createClient({ url, key: 'mk_wrong' }).keys.list(), {
    code: 'unauthenticated',
  })
  await assert.rejects(client.keys.revoke({ key: '' }), TypeError)
})

test('lists are read page by page', async () => {
  for (const name of ['a', 'b', 'c']) await client.keys.create({ name })
  let requests = 0
  const counting = clientWith((input, init) => {
    requests++
    return fetch(input, init)
  })
  const names: string[] = []
  for await (const { name } of counting.keys.list.each({ limit: 2 })) names.push(name)
  assert.deepEqual(names.slice(0, 3), ['c', 'b', 'a'])
  assert.equal(names.length, 4)
  assert.ok(requests >= 2)
})

test('a write whose answer was lost is sent again, and done once', async () => {
  let sent = 0
  const losing = clientWith(async (input, init) => {
    const answer = await fetch(input, init)
    if (sent++ > 0) return answer
    await answer.arrayBuffer()
    throw new TypeError('the line is dead')
  })
  const made = await losing.keys.create({ name: 'lost' })
  assert.equal(sent, 2)
  const { keys } = await client.keys.list({ limit: 100 })
  assert.deepEqual(
    keys.filter(({ name }) => name === 'lost').map(({ id }) => id),
    [made.id],
  )
})

test('the server says when to come back; whoever has no patience gets the error', async () => {
  const problem = { code: 'rate-limited', detail: 'too many', status: 429, retryable: true }
  let sent = 0
  const busy: typeof fetch = async (input, init) => {
    if (sent++ > 0) return fetch(input, init)
    return Response.json(problem, { status: 429, headers: { 'retry-after': '0' } })
  }
  await clientWith(busy).datasets.list()
  assert.equal(sent, 2)
  const later: typeof fetch = async () =>
    Response.json(problem, { status: 429, headers: { 'retry-after': '3600' } })
  await assert.rejects(clientWith(later).datasets.list(), { code: 'rate-limited' })
})

test('what could be done twice is sent once', async () => {
  let sent = 0
  const dead: typeof fetch = async () => {
    sent++
    throw new TypeError('the line is dead')
  }
  const login = { email: 'ada@example.com', password: 'x' }
  await assert.rejects(clientWith(dead).sessions.create(login), { code: 'server-unreachable' })
  assert.equal(sent, 1)
  await assert.rejects(clientWith(dead, { retries: 1 }).keys.list(), { code: 'server-unreachable' })
  assert.equal(sent, 3)
})

test('a signal ends the call, and its waiting', async () => {
  const never: typeof fetch = async () =>
    Response.json({ code: 'server-stopping' }, { status: 503, headers: { 'retry-after': '30' } })
  const reason = new Error('enough')
  const abort = new AbortController()
  const call = clientWith(never).datasets.list({}, { signal: abort.signal })
  setImmediate(() => abort.abort(reason))
  await assert.rejects(call, reason)
})

test('rows come in four formats', async () => {
  const dataset = 'meter_months'
  const { run } = await client.runs.start({ datasets: [dataset], partition: MONTH })
  let state: string = run?.state ?? ''
  while (state === 'running') {
    ;({ state } = (await client.runs.get(run?.id ?? '', { waitMs: 5000 })).run)
  }
  assert.equal(state, 'done')
  const json = await (await client.datasets.rows(dataset)).all()
  assert.equal(json.length, 2)
  const stream = await client.datasets.rows({ dataset, format: 'ndjson' })
  assert.equal(stream.rows, json.length)
  assert.match(stream.etag ?? '', /^"/)
  assert.deepEqual(await stream.all(), json)
  const csv = await (await client.datasets.rows({ dataset, format: 'csv' })).text()
  assert.equal(csv.trimEnd().split('\n').length, json.length + 1)
  const parquet = await (await client.datasets.rows({ dataset, format: 'parquet' })).bytes()
  assert.equal(new TextDecoder().decode(parquet.slice(0, 4)), 'PAR1')
})

test('numbers keep their digits both ways', () => {
  const text =
    '{"a":9007199254740993,"b":-0.1,"c":1.00000000000000000001,"d":"9007199254740993 \\"1\\"","e":[12]}'
  const value = parseExact(text)
  assert.deepEqual(value, {
    a: 9007199254740993n,
    b: -0.1,
    c: '1.00000000000000000001',
    d: '9007199254740993 "1"',
    e: [12],
  })
  assert.equal(stringifyExact({ a: 9007199254740993n, t: '1' }), '{"a":9007199254740993,"t":"1"}')
})
