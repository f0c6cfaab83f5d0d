import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { FastifyInstance } from 'fastify'

import type { Catalog } from '#catalog/catalog.ts'
import { createKey, revokeKey } from '#catalog/keys.ts'
import { systemClock } from '#kernel/clock.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { openCallers } from '#operations/open-callers.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer
let other: FastifyInstance
let admin: string

before(async () => {
  server = await openServer()
  other = server.another(new AbortController().signal)
  admin = await server.key(server.tenants.alpha, ['read', 'export', 'write', 'run', 'admin'])
})
after(async () => {
  await other.close()
  await server.close()
})

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown> & { readonly code?: string; readonly detail?: string }
}

async function call(
  method: 'GET' | 'POST',
  url: string,
  {
    key = admin,
    body,
    app = server.app,
  }: { key?: string; body?: object; app?: FastifyInstance } = {},
): Promise<Answer> {
  const answer = await app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${key}` },
    ...(body && { payload: body }),
  })
  return { status: answer.statusCode, body: answer.json() }
}

async function create(body: object, key = admin): Promise<{ id: string; key: string }> {
  const made = await call('POST', '/v1/keys', { body, key })
  assert.equal(made.status, 200, JSON.stringify(made.body))
  return made.body as unknown as { id: string; key: string }
}

test('a revoked key is refused by every process within a second', async () => {
  const { id, key } = await create({ name: 'short-lived' })
  for (const app of [server.app, other]) {
    assert.equal((await call('GET', '/v1/datasets', { key, app })).status, 200)
  }
  assert.equal((await call('POST', `/v1/keys/${id}/revoke`)).status, 200)
  const revokedMs = performance.now()
  for (;;) {
    const sentMs = performance.now()
    if ((await call('GET', '/v1/datasets', { key, app: other })).status === 401) break
    assert.ok(sentMs < revokedMs + 1000, 'it worked after a second')
    await systemClock.sleep(20)
  }
})

test('a rotated key works with both secrets until the overlap is over', async () => {
  const { id, key } = await create({ name: 'turning' })
  const rotated = await call('POST', `/v1/keys/${id}/rotate`, { body: { overlap: '90m' } })
  assert.equal(rotated.status, 200)
  const next = String(rotated.body['key'])
  assert.notEqual(next, key)
  assert.equal((await call('GET', '/v1/datasets', { key })).status, 200)
  assert.equal((await call('GET', '/v1/datasets', { key: next })).status, 200)
  const at = await call('POST', `/v1/keys/${id}/rotate`, { body: { overlap: '0s' } })
  assert.equal(at.body['formerUntil'], null)
  const last = String(at.body['key'])
  // Another process, which has not seen any of them.
  for (const [secret, status] of [
    [key, 401],
    [next, 401],
    [last, 200],
  ] as const) {
    assert.equal((await call('GET', '/v1/datasets', { key: secret, app: other })).status, status)
  }
  assert.equal(
    (await call('POST', `/v1/keys/${id}/rotate`, { body: { overlap: '60d' } })).status,
    400,
  )
  await call('POST', `/v1/keys/${id}/revoke`)
  const ended = await call('POST', `/v1/keys/${id}/rotate`)
  assert.equal(ended.body.code, 'key-ended')
})

test('what a key uses of its rate is told without taking any of it', async () => {
  // One token a minute: none comes while the test runs.
  const { id, key } = await create({ name: 'slow', perMinute: 1, burst: 10 })
  const idle = await create({ name: 'idle' })
  const lookUp = async (url = '/v1/keys/use') => {
    const { body } = await call('GET', url)
    return body['keys'] as { key: string; perMinute: number; burst: number; left: number }[]
  }
  const use = async () => {
    const all = await lookUp()
    return [id, idle.id].map((one) => all.find((known) => known.key === one))
  }
  for (const app of [server.app, other]) {
    for (let at = 0; at < 2; at++) {
      assert.equal((await call('GET', '/v1/datasets', { key, app })).status, 200)
    }
  }
  assert.deepEqual(await use(), [
    { key: id, perMinute: 1, burst: 10, left: 6, hours: [] },
    { key: idle.id, perMinute: 6000, burst: 1000, left: 1000, hours: [] },
  ])
  assert.deepEqual(await use(), await use())
  const [newest, second] = await lookUp('/v1/keys/use?limit=2')
  assert.ok(newest && second && newest.key > second.key)
  const [after] = await lookUp(`/v1/keys/use?limit=1&after=${newest.key}`)
  assert.deepEqual(after, second)
  const beta = await server.key(server.tenants.beta, ['read', 'admin'])
  const foreign = await call('GET', '/v1/keys/use', { key: beta })
  assert.equal((foreign.body['keys'] as object[]).length, 1)
})

test('nobody makes, or gets hold of, a key that can do more than himself', async () => {
  for (const permission of ['operator', 'owner']) {
    const refused = await call('POST', '/v1/keys', {
      body: { name: 'n', permissions: [permission] },
    })
    assert.ok([400, 403].includes(refused.status), permission)
  }
  const { id } = await create({ name: 'operators', permissions: ['operator'] }, await operatorKey())
  const rotated = await call('POST', `/v1/keys/${id}/rotate`)
  assert.deepEqual([rotated.status, rotated.body.code], [403, 'grant-beyond'])
  const limited = await create({
    name: 'limited admin',
    permissions: ['read', 'admin'],
    endpoints: ['events', 'known_companies'],
    columns: { events: ['id', 'country'] },
    rows: { events: [{ column: 'country', op: 'eq', value: 'CH' }] },
  })
  const beyond: object[] = [
    {},
    { endpoints: ['known_companies', 'events'] },
    { endpoints: ['events'], columns: { events: ['id'] } },
    { endpoints: ['events'], rows: { events: [{ column: 'country', op: 'eq', value: 'CH' }] } },
    {
      endpoints: ['events'],
      columns: { events: ['id', 'email'] },
      rows: { events: [{ column: 'country', op: 'eq', value: 'CH' }] },
    },
    {
      endpoints: ['events'],
      columns: { events: ['id'] },
      rows: { events: [{ column: 'country', op: 'eq', value: 'DE' }] },
    },
  ]
  for (const access of beyond) {
    const refused = await call('POST', '/v1/keys', {
      body: { name: 'n', ...access },
      key: limited.key,
    })
    assert.deepEqual(
      [refused.status, refused.body.code],
      [403, 'access-beyond'],
      JSON.stringify(access),
    )
  }
  await create({ name: 'n', endpoints: ['known_companies'] }, limited.key)
  await create(
    {
      name: 'n',
      endpoints: ['events'],
      columns: { events: ['id'] },
      rows: {
        events: [
          { column: 'country', op: 'eq', value: 'CH' },
          { column: 'action', op: 'eq', value: 'visit' },
        ],
      },
    },
    limited.key,
  )
  const whole = await create({ name: 'whole' })
  const taken = await call('POST', `/v1/keys/${whole.id}/rotate`, { key: limited.key })
  assert.equal(taken.body.code, 'access-beyond')
})

async function operatorKey(): Promise<string> {
  return server.key(server.tenants.alpha, ['operator'])
}

test('a limit to something that is not there is refused, for it would limit nothing', async () => {
  const odd: [object, RegExp][] = [
    [{ endpoints: ['evnts'] }, /no dataset "evnts"/],
    [{ columns: { evnts: ['id'] } }, /no dataset "evnts"/],
    [{ columns: { events: ['Id'] } }, /events has no column "Id"/],
    [{ rows: { events: [{ column: 'nation', op: 'eq', value: 'CH' }] } }, /no column "nation"/],
    [{ rows: { events: [{ column: 'timestamp', op: 'ge', value: 'May' }] } }, /a time such as/],
    [{ rows: { events: [{ column: 'tags', op: 'eq', value: 'a' }] } }, /holds lists/],
    [{ rows: { events: [{ column: 'country', op: 'in', value: 'CH' }] } }, /a list of values/],
    [{ rows: { events: [{ column: 'country', op: 'like', value: 'C%' }] } }, /op/],
  ]
  for (const [access, expected] of odd) {
    const refused = await call('POST', '/v1/keys', { body: { name: 'n', ...access } })
    assert.equal(refused.status, 400, JSON.stringify(access))
    assert.match(refused.body.detail ?? '', expected)
  }
})

test('keys are listed with what they may see, page by page, and never with a secret', async () => {
  const { id, key } = await create({
    name: '<script>alert(1)</script> ‮ 名',
    endpoints: ['events'],
    perMinute: 60,
    expiresAt: '2099-01-01T00:00:00.000Z',
  })
  const text = JSON.stringify((await call('GET', '/v1/keys?limit=1000')).body)
  assert.ok(!text.includes(key) && !text.includes(key.slice(-20)))
  const first = (await call('GET', '/v1/keys?limit=1')).body as unknown as {
    keys: { id: string; name: string; rate: object; access: object; madeBy: string }[]
    next: string | null
  }
  assert.equal(first.keys[0]?.id, id)
  assert.equal(first.keys[0]?.name, '<script>alert(1)</script> ‮ 名')
  assert.deepEqual(first.keys[0]?.rate, { perMinute: 60, burst: 10 })
  assert.deepEqual(first.keys[0]?.access, { endpoints: ['events'], columns: {}, rows: {} })
  assert.match(first.keys[0]?.madeBy ?? '', /^key mk_/)
  const next = await call('GET', `/v1/keys?limit=1&after=${first.next}`)
  assert.notEqual((next.body['keys'] as { id: string }[])[0]?.id, id)
})

test('unknown, expired and revoked keys cost the same statements and get the same answer', async () => {
  const { alpha } = server.tenants
  const { ids, random, catalog } = server.open
  const minted = {
    unknown: mintKey(ids, random),
    expired: mintKey(ids, random),
    revoked: mintKey(ids, random),
  }
  await catalog.asTenant(alpha, async (session) => {
    const expiresAt = new Date(0)
    await createKey(session, { ...minted.expired, name: 'n', permissions: ['read'], expiresAt })
    await createKey(session, { ...minted.revoked, name: 'n', permissions: ['read'] })
    await revokeKey(session, minted.revoked.id)
  })
  const statements: string[] = []
  const watched: Catalog = {
    ...catalog,
    asSystem: (work) =>
      catalog.asSystem((session) =>
        work({
          ...session,
          query(text, params) {
            statements.push(text)
            return session.query(text, params)
          },
        }),
      ),
  }
  const callers = openCallers({ clock: server.parts.clock, catalog: watched })
  const seen: string[][] = []
  for (const { key } of Object.values(minted)) {
    statements.length = 0
    assert.equal(await callers.byKey(key), null)
    seen.push([...statements])
  }
  assert.deepEqual(seen, [seen[0], seen[0], seen[0]])
  assert.equal(seen[0]?.length, 1)
  const answers = await Promise.all(
    Object.values(minted).map(({ key }) => call('GET', '/v1/datasets', { key, app: other })),
  )
  const shown = answers.map(({ status, body }) =>
    JSON.stringify({ status, ...body, requestId: '' }),
  )
  assert.deepEqual(shown, [shown[0], shown[0], shown[0]])
  assert.equal(answers[0]?.status, 401)
})

test('fields that nobody offers are refused in every body', async () => {
  for (const field of [
    'tenantId',
    'tenant',
    'role',
    'hash',
    'madeBy',
    '__proto__',
    'constructor',
  ]) {
    const payload = `{"name":"n","${field}":1}`
    const answer = await server.app.inject({
      method: 'POST',
      url: '/v1/keys',
      headers: { authorization: `Bearer ${admin}`, 'content-type': 'application/json' },
      payload,
    })
    assert.equal(answer.statusCode, 400, field)
  }
})
