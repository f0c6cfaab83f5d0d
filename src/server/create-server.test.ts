import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { InjectOptions } from 'fastify'

import { createRun } from '#catalog/enqueue.ts'
import type { Operation } from '#operations/operation.ts'
import { operations } from '#operations/registry.gen.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

let server: TestServer
let keys: { alpha: string; beta: string; reader: string; operator: string }

before(async () => {
  server = await openServer()
  const { alpha, beta } = server.tenants
  keys = {
    alpha: await server.key(alpha, ['read', 'run']),
    beta: await server.key(beta, ['read', 'run']),
    reader: await server.key(alpha, ['read']),
    operator: await server.key(alpha, ['read', 'run', 'operator']),
  }
})
after(() => server.close())

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

async function ask(request: InjectOptions & { key?: string }) {
  const { key, headers, ...rest } = request
  const sent = { ...headers, ...(key === undefined ? {} : bearer(key)) }
  const response = await server.app.inject({ ...rest, headers: sent })
  return { status: response.statusCode, headers: response.headers, body: response.json() }
}

const closed = operations.filter(({ permission }) => permission !== 'anyone')
const ofTenants = closed.filter(({ permission }) => permission !== 'person')

/** A request for an operation with something in every path field. */
function requestFor(operation: Operation) {
  const { method, path } = operation.rest
  return { method, url: path.replace('{task}', '1').replace(/\{\w+\}/g, 'something') }
}

test('every operation refuses callers without a key, and callers with a wrong one', async () => {
  assert.ok(operations.length >= 20)
  const mistyped = keys.alpha.slice(0, -1) + (keys.alpha.endsWith('0') ? '1' : '0')
  for (const [at, operation] of closed.entries()) {
    // One address alone would soon be told to wait.
    const remoteAddress = `198.51.100.${at % 250}`
    for (const headers of [
      {},
      bearer(mistyped),
      bearer('mk_x'),
      { authorization: 'Bearer' },
      { authorization: `Basic ${Buffer.from(`x:${mistyped}`).toString('base64')}` },
    ]) {
      const { status, body } = await ask({ ...requestFor(operation), headers, remoteAddress })
      assert.equal(status, 401, operation.name)
      assert.equal(body.code, 'unauthenticated', operation.name)
    }
  }
})

test('every operation refuses a key without its permission', async () => {
  for (const operation of ofTenants) {
    if (operation.permission === 'read') continue
    const { status, body } = await ask({ ...requestFor(operation), key: keys.reader })
    assert.equal(status, 403, operation.name)
    assert.match(body.detail, new RegExp(`permission "${operation.permission}"`))
  }
})

test('operations for people refuse keys', async () => {
  const ofPeople = closed.filter(({ permission }) => permission === 'person')
  assert.ok(ofPeople.length >= 5)
  for (const operation of ofPeople) {
    const { status, body } = await ask({ ...requestFor(operation), key: keys.operator })
    assert.deepEqual([status, body.code], [401, 'person-needed'], operation.name)
  }
})

test('every operation refuses fields that it does not know', async () => {
  for (const operation of operations) {
    if (operation.permission === 'person') continue
    // Names that are no fields are an endpoint's parameters, which are refused once it is known.
    if (Object.values(operation.rest.gathers ?? {}).includes('')) continue
    const request = requestFor(operation)
    // A body of bytes has rows in it, not fields: those are in the address.
    const extra = {
      ...((operation.rest.method === 'GET' || operation.rest.rawBody) && {
        url: `${request.url}?surprise=1`,
      }),
      ...(operation.rest.method !== 'GET' && { payload: { surprise: 1 } }),
    }
    const { status, body } = await ask({ ...request, ...extra, key: keys.operator })
    assert.equal(status, 400, operation.name)
    assert.match(JSON.stringify(body), /surprise/, operation.name)
  }
})

test('a route without a policy cannot be added', () => {
  const app = server.another(new AbortController().signal)
  assert.throws(() => app.get('/planted', () => 'open'), /GET \/planted has no policy/)
})

test('answers have the shape that their operation declares', async () => {
  let checked = 0
  for (const operation of ofTenants) {
    if (operation.rest.method !== 'GET' || operation.rest.path.includes('{')) continue
    // Those that need to be told more are tried where they are at home.
    const needsMore = !operation.input.safeParse({}).success || operation.name === 'rows.estimate'
    if (operation.output === 'stream' || needsMore) continue
    const { status, body } = await ask({ ...requestFor(operation), key: keys.operator })
    assert.equal(status, 200, operation.name)
    operation.output.parse(body)
    checked++
  }
  assert.ok(checked >= 40, `${checked}`)
})

test('the key may come as the password of basic authentication', async () => {
  const authorization = `Basic ${Buffer.from(`anybody:${keys.alpha}`).toString('base64')}`
  const { status } = await ask({ url: '/v1/runs', headers: { authorization } })
  assert.equal(status, 200)
})

test('runs of another tenant answer like runs that do not exist, byte for byte', async () => {
  const { alpha } = server.tenants
  const id = server.open.ids.next('run')
  const unknown = server.open.ids.next('run')
  const plan = {
    request: { datasets: [], partitions: null, mode: 'run' },
    datasets: [],
    later: [],
    tasks: 0,
    estimatedMs: null,
    estimatedBytes: null,
  } as const
  await server.open.catalog.asTenant(alpha, (session) =>
    createRun(session, { id, cause: 'test', title: 'canary-alpha', plan }, []),
  )
  const own = await ask({ url: `/v1/runs/${id}`, key: keys.alpha })
  assert.equal(own.status, 200)
  assert.equal(own.body.run.title, 'canary-alpha')
  const shape = (body: object, ownId: string) =>
    JSON.stringify({ ...body, requestId: '' }).replaceAll(ownId, '<id>')
  for (const [method, path] of [
    ['GET', ''],
    ['GET', '/tasks'],
    ['POST', '/cancel'],
    ['POST', '/undo'],
  ] as const) {
    const foreign = await ask({ method, url: `/v1/runs/${id}${path}`, key: keys.beta })
    const absent = await ask({ method, url: `/v1/runs/${unknown}${path}`, key: keys.beta })
    assert.equal(foreign.status, 404, path)
    assert.equal(shape(foreign.body, id), shape(absent.body, unknown), path)
  }
  for (const url of ['/v1/runs', '/v1/status', `/v1/runs/last`, `/v1/runs/${id.slice(-6)}`]) {
    const { body } = await ask({ url, key: keys.beta })
    assert.doesNotMatch(JSON.stringify(body), /canary-alpha/, url)
  }
})

test('the tenant comes from the key: naming another one is naming an unknown one', async () => {
  const headers = { 'millrace-tenant': 'beta' }
  const foreign = await ask({ url: '/v1/status', key: keys.alpha, headers })
  assert.equal(foreign.status, 404)
  assert.equal(foreign.body.code, 'tenant-unknown')
  const own = await ask({
    url: '/v1/status',
    key: keys.alpha,
    headers: { 'millrace-tenant': 'alpha' },
  })
  assert.equal(own.body.tenant, 'alpha')
})

test("this machine's key chooses a tenant, over the loopback interface only", async () => {
  const headers = { 'millrace-tenant': 'beta' }
  const request = { url: '/v1/status', key: server.localKey, headers }
  const here = await ask(request)
  assert.equal(here.body.tenant, 'beta')
  const elsewhere = await ask({ ...request, remoteAddress: '10.1.2.3' })
  assert.equal(elsewhere.status, 401)
  const nobody = await ask({ ...request, headers: { 'millrace-tenant': 'gamma' } })
  assert.equal(nobody.body.code, 'tenant-unknown')
})

test("the operators' key is taken from anywhere, chooses a tenant, and makes new ones", async () => {
  const headers = { 'millrace-tenant': 'beta' }
  const from = { key: server.operatorKey, remoteAddress: '10.1.2.3' }
  const status = await ask({ ...from, url: '/v1/status', headers })
  assert.equal(status.body.tenant, 'beta')
  const almost = await ask({ ...from, key: `${server.operatorKey}0`, url: '/v1/status' })
  assert.equal(almost.status, 401)

  const url = '/v1/tenants'
  const payload = { slug: 'delta', weight: 300, limit: 2 }
  const made = await ask({ ...from, method: 'POST', url, payload })
  assert.equal(made.status, 200, JSON.stringify(made.body))
  const own = await ask({ url: '/v1/status', key: made.body.key })
  assert.equal(own.body.tenant, 'delta')
  const twice = await ask({ ...from, method: 'POST', url, payload })
  assert.equal(twice.body.code, 'tenant-exists')
  const listed = await ask({ ...from, url })
  const shares = Object.fromEntries(
    (listed.body.tenants as { name: string; weight: number; limit: number | null }[]).map(
      ({ name, weight, limit }) => [name, [weight, limit]],
    ),
  )
  assert.deepEqual(shares['delta'], [300, 2])
  assert.deepEqual(shares['beta'], [100, null])
})

test('an endpoint that may not be called is not saved', async () => {
  const url = '/v1/sources/events/options'
  const set = (endpoint: string) =>
    ask({
      method: 'POST',
      url,
      key: keys.operator,
      payload: { location: 's3://b/a.csv', endpoint },
    })
  for (const endpoint of ['http://169.254.169.254/', 'http://10.0.0.1:9000', 'http://[::1]']) {
    assert.equal((await set(endpoint)).body.code, 'egress-denied', endpoint)
  }
  assert.equal((await set('ftp://store.test')).body.code, 'egress-url-invalid')
  assert.equal((await set('http://127.0.0.1:9000')).status, 200)
})

test('a draining server is not ready, answers still, and ends its connections', async () => {
  const draining = new AbortController()
  const other = server.another(new AbortController().signal, draining.signal)
  const request = { url: '/v1/status', headers: bearer(server.localKey) }
  assert.notEqual((await other.inject(request)).headers['connection'], 'close')
  draining.abort(new Error('draining'))
  assert.equal((await other.inject({ url: '/readyz' })).statusCode, 503)
  const answered = await other.inject(request)
  assert.equal(answered.statusCode, 200)
  assert.equal(answered.headers['connection'], 'close')
})

test('a revoked key stops working within a second', async () => {
  const created = await ask({
    method: 'POST',
    url: '/v1/keys',
    key: keys.operator,
    payload: { name: 'short-lived' },
  })
  assert.equal(created.status, 200)
  const { id, key } = created.body as { id: string; key: string }
  assert.equal((await ask({ url: '/v1/runs', key })).status, 200)
  const revoked = await ask({ method: 'POST', url: `/v1/keys/${id}/revoke`, key: keys.operator })
  assert.equal(revoked.status, 200)
  await server.open.clock.sleep(1_050)
  assert.equal((await ask({ url: '/v1/runs', key })).status, 401)
  const foreign = await ask({ method: 'POST', url: `/v1/keys/${id}/revoke`, key: keys.beta })
  assert.equal(foreign.status, 403)
})

test('unknown addresses and wrong methods are told apart', async () => {
  const unknown = await ask({ url: '/v1/nothing?x=1' })
  assert.equal(unknown.status, 404)
  assert.equal(unknown.body.code, 'route-unknown')
  const wrong = await ask({ method: 'DELETE', url: '/v1/runs' })
  assert.equal(wrong.status, 405)
  assert.equal(wrong.headers.allow, 'GET, POST')
  assert.equal(wrong.headers['content-type'], 'application/problem+json; charset=utf-8')
})

test('bodies that are too large, no JSON or of another type are refused before they are used', async () => {
  const post = (payload: string, type = 'application/json') =>
    ask({
      method: 'POST',
      url: '/v1/plans',
      key: keys.alpha,
      payload,
      headers: { 'content-type': type },
    })
  assert.equal((await post(`"${'x'.repeat(1_000_001)}"`)).status, 413)
  assert.equal((await post('{"mode":"run","mode":"rerun"}')).body.code, 'json-invalid')
  assert.equal((await post('[]')).body.code, 'input-invalid')
  assert.equal((await post('mode=run', 'application/x-www-form-urlencoded')).status, 415)
  const badly = await post('{"mode":"backwards"}')
  assert.equal(badly.status, 400)
  assert.match(badly.body.detail, /^mode: /)
  const elsewhere = await ask({
    method: 'POST',
    url: '/v1/plans?mode=run',
    key: keys.alpha,
    payload: {},
  })
  assert.match(elsewhere.body.detail, /mode: belongs into the body/)
})

test('names and keys that cannot be are answered with the way out', async () => {
  const unknown = await ask({ url: '/v1/datasets/nope/rows', key: keys.alpha })
  assert.equal(unknown.status, 404)
  assert.match(unknown.body.remedy, /top_companies/)
  const key = await ask({ url: '/v1/datasets/events/rows?partition=2021-13', key: keys.alpha })
  assert.equal(key.body.code, 'partition-key-invalid')
  const empty = await ask({ url: '/v1/datasets/events/rows?partition=2021-04', key: keys.alpha })
  assert.equal(empty.body.code, 'rows-unpublished')
  const type = await ask({
    url: '/v1/datasets/events/rows',
    key: keys.alpha,
    headers: { accept: 'image/png' },
  })
  assert.equal(type.status, 406)
})

test('secrets of a source are kept and never shown', async () => {
  const options = {
    location: 's3://bucket/{yyyy}/{MM}/events.csv',
    accessKeyId: 'AKIA',
    secretAccessKey: 'hunter2',
  }
  const url = '/v1/sources/events/options'
  const set = await ask({ method: 'POST', url, key: keys.operator, payload: options })
  assert.equal(set.status, 200)
  const shown = await ask({ url, key: keys.reader })
  assert.equal(shown.body.options.accessKeyId, 'AKIA')
  assert.doesNotMatch(JSON.stringify([set.body, shown.body]), /hunter2/)
  const unfit = await ask({
    method: 'POST',
    url,
    key: keys.operator,
    payload: { location: '/data/events.csv', replace: true, anonymous: true },
  })
  assert.equal(unfit.status, 400)
  assert.match(unfit.body.detail, /anonymous: does not fit/)
  const reference = await ask({ url: '/v1/sources/mail_providers/options', key: keys.reader })
  assert.equal(reference.body.code, 'source-unknown')
})

test('every answer carries the security headers; the page loads nothing from elsewhere', async () => {
  for (const url of ['/', '/theme.js', '/livez', '/v1/runs', '/v1/nothing']) {
    const { headers } = await server.app.inject({ url })
    assert.equal(headers['x-content-type-options'], 'nosniff', url)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/, url)
    assert.ok(headers['x-request-id'], url)
  }
  const page = await server.app.inject({ url: '/' })
  assert.doesNotMatch(page.body, /https?:/)
  assert.doesNotMatch(page.body, /<script(?![^>]*src=)|style=|onclick=/)
})

test('a stopping server is alive, not ready, and takes no new requests', async () => {
  const stopping = new AbortController()
  const other = server.another(stopping.signal)
  const request = { url: '/v1/status', headers: bearer(server.localKey) }
  assert.equal((await other.inject({ url: '/readyz' })).statusCode, 200)
  assert.equal((await other.inject(request)).statusCode, 200)
  stopping.abort(new Error('stopping'))
  assert.equal((await other.inject({ url: '/livez' })).statusCode, 200)
  assert.equal((await other.inject({ url: '/readyz' })).statusCode, 503)
  const refused = await other.inject(request)
  assert.equal(refused.statusCode, 503)
  assert.equal(refused.json().code, 'server-stopping')
})
