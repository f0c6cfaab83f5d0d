import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let analyst: string
let viewer: string
let foreigner: string

before(async () => {
  server = await openServer()
  const { alpha, beta } = server.tenants
  analyst = await server.key(alpha, ['read', 'export', 'write', 'run'])
  viewer = await server.key(alpha, ['read'])
  foreigner = await server.key(beta, ['read', 'run'])
})
after(() => server.close())

async function call(
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: object,
  key: string = server.operatorKey,
) {
  const answer = await server.app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${key}`,
      ...(key === server.operatorKey && { 'millrace-tenant': server.tenants.alpha.slug }),
    },
    ...(body && { payload: body }),
  })
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() }
}

const parameters = [
  { name: 'month', type: 'period', default: '2021-04' },
  { name: 'least', type: 'integer', default: '1', min: '0' },
]
const month = {
  name: 'busy-countries',
  description: 'Countries with many events',
  sql: 'SELECT country, count(*) AS n FROM events GROUP BY country HAVING n >= $least',
  parameters,
  partitions: { events: '$month' },
}

test('a query is kept, changed in part, listed by page and removed', async () => {
  const made = await call('POST', '/v1/saved-queries', month)
  assert.equal(made.status, 200, JSON.stringify(made.body))
  assert.equal(made.body['trust'], 'company')
  assert.deepEqual(made.body['partitions'], { events: '$month' })
  assert.equal((await call('POST', '/v1/saved-queries', month)).body['code'], 'saved-query-exists')
  await call('POST', '/v1/saved-queries', { name: 'another', sql: 'SELECT 1' })

  const changed = await call('POST', '/v1/saved-queries/busy-countries', { description: 'Busy' })
  assert.equal(changed.body['description'], 'Busy')
  assert.equal(changed.body['sql'], month.sql)

  const first = await call('GET', '/v1/saved-queries?limit=1', undefined, viewer)
  assert.deepEqual(
    (first.body['queries'] as { name: string }[]).map(({ name }) => name),
    ['another'],
  )
  const second = await call('GET', `/v1/saved-queries?limit=1&after=${String(first.body['next'])}`)
  assert.deepEqual(second.body['next'], null)
  assert.equal((second.body['queries'] as { name: string }[])[0]?.name, 'busy-countries')

  const removed = await call('DELETE', '/v1/saved-queries/another', undefined, analyst)
  assert.equal(removed.status, 200)
  assert.equal((await call('GET', '/v1/saved-queries/another')).body['code'], 'saved-query-unknown')
})

const odd: readonly (readonly [object, string, RegExp])[] = [
  [{ sql: 'DROP TABLE events' }, 'query-invalid', /not a SELECT/],
  [{ sql: 'SELECT * FROM events, $other' }, 'query-invalid', /./],
  [{ sql: 'SELECT $other' }, 'input-invalid', /lack "other"/],
  [{ parameters: [...parameters, { name: 'idle', type: 'text' }] }, 'input-invalid', /"idle"/],
  [
    { parameters: [parameters[0], { name: 'least', type: 'integer', default: 'x' }] },
    'input-invalid',
    /no whole number/,
  ],
  [{ parameters: [parameters[0], { name: 'least', type: 'money' }] }, 'input-invalid', /none of/],
  [{ parameters: [parameters[0], parameters[1], parameters[1]] }, 'input-invalid', /twice/],
]

test('what could not be run is not kept', async () => {
  for (const [change, code, text] of odd) {
    const answer = await call('POST', '/v1/saved-queries', { ...month, name: 'odd', ...change })
    assert.equal(answer.body['code'], code, JSON.stringify([change, answer.body]))
    assert.match(String(answer.body['detail']), text)
  }
  assert.equal((await call('GET', '/v1/saved-queries/odd')).status, 404)
})

test('viewers read them, and another tenant sees nothing of them', async () => {
  assert.equal(
    (await call('GET', '/v1/saved-queries/busy-countries', undefined, viewer)).status,
    200,
  )
  assert.equal(
    (await call('DELETE', '/v1/saved-queries/busy-countries', undefined, viewer)).status,
    403,
  )
  const theirs = await call('GET', '/v1/saved-queries/busy-countries', undefined, foreigner)
  const unknown = await call('GET', '/v1/saved-queries/no-such-query', undefined, foreigner)
  assert.equal(theirs.status, 404)
  assert.equal(unknown.body['code'], theirs.body['code'])
  const list = await call('GET', '/v1/saved-queries', undefined, foreigner)
  assert.deepEqual(list.body['queries'], [])
})
