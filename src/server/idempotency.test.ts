import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'

import { listKeys } from '#catalog/keys.ts'
import { MillraceError } from '#kernel/errors.ts'
import { setSourceOptions } from '#catalog/options.ts'
import { takesIdempotencyKey } from '#operations/idempotency/takes-key.ts'
import { showsSecret } from '#operations/idempotency/stored-answer.ts'
import { outputSchema } from '#operations/openapi/json-schema.ts'
import { defineOperation, type Operation } from '#operations/operation.ts'
import { operations } from '#operations/registry.gen.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'

let server: TestServer
let admin: string
let second: FastifyInstance

/** Carried out so many times; what the handler does is the test's. */
let times = 0
let during = async () => {}
const work = defineOperation({
  name: 'things.do',
  summary: 'Something that a test follows',
  permission: 'admin',
  home: 'directory',
  rest: { method: 'POST', path: '/v1/things' },
  input: z.strictObject({ text: z.string().default('').describe('Any.') }),
  output: z.object({ times: z.number(), big: z.unknown() }),
  async handler({ text }, { parts, caller }) {
    times++
    await parts.catalog.asTenant(caller.tenant, (session) =>
      setSourceOptions(session, 'readings', { location: text }),
    )
    await during()
    return { times, big: JSON.parse('[1, "ü"]') as unknown }
  },
})

before(async () => {
  server = await openServer()
  admin = await server.key(server.tenants.alpha, ['read', 'admin', 'run'])
  const all: Operation[] = [...operations, work]
  second = server.another(new AbortController().signal, undefined, all)
})
after(async () => {
  await second.close()
  await server.close()
})

async function post(
  path: string,
  body: object,
  key: string | null,
  { app = second, as = admin }: { app?: FastifyInstance; as?: string } = {},
) {
  const headers = { authorization: `Bearer ${as}`, ...(key !== null && { 'idempotency-key': key }) }
  const answer = await app.inject({ method: 'POST', url: path, headers, payload: body })
  return {
    status: answer.statusCode,
    text: answer.body,
    body: answer.json<Record<string, unknown>>(),
    replayed: answer.headers['idempotency-replayed'],
    retryAfter: answer.headers['retry-after'],
  }
}

test('the same request again is answered with the same bytes, and done once', async () => {
  const names = async () =>
    (await server.parts.catalog.asTenant(server.tenants.alpha, (session) => listKeys(session)))
      .map(({ name }) => name)
      .filter((name) => name === 'once')
  const first = await post('/v1/keys', { name: 'once' }, 'a-1')
  assert.equal(first.status, 200)
  assert.equal(first.replayed, undefined)
  const again = await post('/v1/keys', { name: 'once' }, 'a-1')
  assert.equal(again.text, first.text)
  assert.deepEqual([again.status, again.replayed], [200, 'true'])
  assert.deepEqual(await names(), ['once'])
  await post('/v1/keys', { name: 'once' }, 'a-2')
  assert.deepEqual(await names(), ['once', 'once'])
})

test('an answer with a secret is sealed where it is kept', async () => {
  const { body } = await post('/v1/keys', { name: 'sealed' }, 's-1')
  const [row] = await server.parts.catalog.asTenant(server.tenants.alpha, (session) =>
    session.query<{ answer: string | null; sealed: string }>(
      `SELECT answer, sealed_answer AS sealed FROM idempotent_request WHERE key = 's-1'`,
    ),
  )
  assert.equal(row?.answer, null)
  assert.match(row.sealed, /^enc:v1:/)
  assert.ok(!row.sealed.includes(String(body['key'])))
})

test('every answer of a write that shows a secret says so', () => {
  const telling = /^(key|secret|link|token|password|uri|recoveryCodes)$/
  const plain = operations.filter(takesIdempotencyKey).flatMap((operation) => {
    if (operation.output === 'stream' || showsSecret(operation)) return []
    const { properties = {} } = outputSchema(operation.output)
    return Object.keys(properties)
      .filter((name) => telling.test(name))
      .map((name) => `${operation.name}: ${name}`)
  })
  const harmless = [
    'identity-providers.create: link',
    'keys.revoke: key',
    'rates.set-default: key',
    'secrets.rotate: key',
  ]
  assert.deepEqual(
    plain.filter((name) => !harmless.includes(name)),
    [],
  )
  assert.ok(showsSecret(operations.find(({ name }) => name === 'keys.create') as Operation))
})

test('another request with the key is refused, one of somebody else is not', async () => {
  const beta = await server.key(server.tenants.beta, ['admin'])
  const other = await server.key(server.tenants.alpha, ['admin'])
  assert.equal((await post('/v1/things', { text: 'a' }, 'm-1')).status, 200)
  const mismatch = await post('/v1/things', { text: 'b' }, 'm-1')
  assert.deepEqual([mismatch.status, mismatch.body['code']], [422, 'idempotency-mismatch'])
  const elsewhere = await post('/v1/keys', { name: 'a' }, 'm-1')
  assert.equal(elsewhere.body['code'], 'idempotency-mismatch')
  for (const as of [beta, other]) {
    const answer = await post('/v1/things', { text: 'b' }, 'm-1', { as })
    assert.deepEqual([answer.status, answer.replayed], [200, undefined])
  }
})

test('twins over two servers: one is carried out, the other waits its turn', async (t) => {
  const third = server.another(new AbortController().signal, undefined, [...operations, work])
  t.after(() => third.close())
  times = 0
  const opened = Promise.withResolvers<void>()
  const begun = Promise.withResolvers<void>()
  during = () => {
    begun.resolve()
    return opened.promise
  }
  t.after(() => void (during = async () => {}))
  const first = post('/v1/things', {}, 't-1')
  await begun.promise
  const busy = await post('/v1/things', {}, 't-1', { app: third })
  assert.deepEqual(
    [busy.status, busy.body['code'], busy.retryAfter],
    [409, 'idempotency-busy', '1'],
  )
  opened.resolve()
  const done = await first
  const replay = await post('/v1/things', {}, 't-1', { app: third })
  assert.deepEqual([replay.text, replay.replayed, times], [done.text, 'true', 1])
})

test('a failure gives the key back, unless something was changed before', async (t) => {
  const missing = { name: 'once', permissions: ['operator'] }
  assert.equal((await post('/v1/keys', missing, 'f-1')).status, 403)
  assert.equal((await post('/v1/keys', { name: 'once' }, 'f-1')).status, 200)
  t.after(() => void (during = async () => {}))
  during = () => Promise.reject(new MillraceError('region-unclear', { reason: 'half' }))
  const failed = await post('/v1/things', {}, 'f-2')
  during = async () => {}
  const again = await post('/v1/things', {}, 'f-2')
  assert.deepEqual([again.status, again.replayed], [failed.status, 'true'])
  assert.equal(again.body['code'], 'region-unclear')
})

test('an outcome that nobody knows is told as that', async (t) => {
  t.after(() => void (during = async () => {}))
  during = () => Promise.reject(new MillraceError('server-stopping'))
  assert.equal((await post('/v1/things', {}, 'u-1')).status, 503)
  during = async () => {}
  const again = await post('/v1/things', {}, 'u-1')
  assert.deepEqual([again.status, again.body['code']], [409, 'idempotency-unknown'])
})

test('a key that cannot be one is refused, and where none is kept it is said', async () => {
  assert.equal((await post('/v1/keys', { name: 'x' }, 'has space')).body['code'], 'input-invalid')
  const login = { email: 'ada@example.com', password: 'x' }
  const answer = await post('/v1/sessions', login, 'l-1')
  assert.equal(answer.body['code'], 'idempotency-unavailable')
})
