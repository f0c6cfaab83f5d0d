import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'

import { setDefaultRate, setTenantRate } from '#catalog/rates.ts'
import { brandTenant } from '#model/tenant.ts'
import { fullAccess } from '#model/access.ts'
import { nobody, type Caller } from '#operations/operation.ts'
import { rateOwners } from '#server/rate-limit.ts'
import { afterwards } from '../../test/support/afterwards.ts'
import { openServer, type TestServer } from '../../test/support/open-server.ts'
import { ownDatabase } from '../../test/support/own-database.ts'

async function open(t: TestContext, databaseUrl?: string): Promise<TestServer> {
  const server = await openServer({}, { databaseUrl })
  afterwards(t, () => server.close())
  return server
}

const get = (app: FastifyInstance, key: string, headers: Record<string, string> = {}) =>
  app.inject({ url: '/v1/rates', headers: { authorization: `Bearer ${key}`, ...headers } })

test('every answer tells what is left, and a refusal when to come again', async (t) => {
  const server = await open(t)
  const { alpha, beta } = server.tenants
  await server.open.catalog.asSystem((session) =>
    setTenantRate(session, alpha.id, { perMinute: 6, burst: 3 }),
  )
  const key = await server.key(alpha, ['read'])
  for (const left of [2, 1, 0]) {
    const { statusCode, headers } = await get(server.app, key)
    assert.equal(statusCode, 200)
    assert.match(String(headers['ratelimit-policy']), /"tenant";q=6;w=60;millrace-burst=3/)
    assert.match(String(headers['ratelimit-policy']), /"key";q=6000;w=60;millrace-burst=1000/)
    assert.match(
      String(headers['ratelimit']),
      new RegExp(`"tenant";r=${left};t=${(3 - left) * 10}`),
    )
  }
  const refused = await get(server.app, key)
  assert.equal(refused.statusCode, 429)
  assert.equal(refused.json<{ code: string }>().code, 'rate-limited')
  const after = Number(refused.headers['retry-after'])
  assert.ok(after >= 1 && after <= 10, `${after}`)
  assert.match(String(refused.headers['ratelimit']), /"tenant";r=0/)
  // Through another key of the tenant it is the same bucket; others have their own.
  assert.equal((await get(server.app, await server.key(alpha, ['read']))).statusCode, 429)
  assert.equal((await get(server.app, await server.key(beta, ['read']))).statusCode, 200)
  for (const free of [server.localKey, server.operatorKey]) {
    const answer = await get(server.app, free, { 'millrace-tenant': 'alpha' })
    assert.equal(answer.statusCode, 200)
    assert.equal(answer.headers['ratelimit'], undefined)
  }
  assert.equal((await server.app.inject('/livez')).statusCode, 200)
})

test('whoever guesses keys is refused by address, which others do not feel', async (t) => {
  const server = await open(t)
  await server.open.catalog.asSystem((session) =>
    setDefaultRate(session, 'address', { perMinute: 1, burst: 3 }),
  )
  const guess = (remoteAddress: string) =>
    server.app.inject({
      url: '/v1/datasets',
      remoteAddress,
      headers: { authorization: 'Bearer mk_0000' },
    })
  const statuses: number[] = []
  for (let at = 0; at < 5; at++) statuses.push((await guess('192.0.2.7')).statusCode)
  assert.deepEqual(statuses, [401, 401, 401, 429, 429])
  assert.equal((await guess('192.0.2.8')).statusCode, 401)
  const key = await server.key(server.tenants.alpha, ['read'])
  const known = await server.app.inject({
    url: '/v1/rates',
    remoteAddress: '192.0.2.7',
    headers: { authorization: `Bearer ${key}` },
  })
  assert.equal(known.statusCode, 200)
})

test('two servers over one database let exactly the rate through, however hard they are pressed', async (t) => {
  const url = await ownDatabase(t)
  if (url === null) return t.skip('no PostgreSQL is installed')
  const server = await open(t, url)
  const other = server.another(new AbortController().signal)
  afterwards(t, () => other.close())
  const { alpha } = server.tenants
  const perMs = 600 / 60_000
  const burst = 100
  await server.open.catalog.asSystem((session) =>
    setTenantRate(session, alpha.id, { perMinute: 600, burst }),
  )
  const keys = await Promise.all(Array.from({ length: 20 }, () => server.key(alpha, ['read'])))
  const beganMs = performance.now()
  const untilMs = beganMs + 4000
  let granted = 0
  let refused = 0
  await Promise.all(
    keys.map(async (key, at) => {
      while (performance.now() < untilMs) {
        const { statusCode } = await get(at % 2 === 0 ? server.app : other, key)
        if (statusCode === 200) granted++
        else if (statusCode === 429) refused++
        else assert.fail(`answered ${statusCode}`)
      }
    }),
  )
  const allowed = burst + (performance.now() - beganMs) * perMs
  t.diagnostic(`${granted} granted of ${allowed.toFixed(1)}, ${refused} refused`)
  assert.ok(refused > 0)
  assert.ok(granted <= allowed, `${granted} granted, ${allowed} allowed`)
  assert.ok(granted >= allowed * 0.9, `${granted} granted, ${allowed} allowed`)
})

test('a request takes from the buckets of its credential and its tenant, or of its network', () => {
  const tenant = brandTenant(7, 'acme')
  const caller = (
    name: string,
    permissions: Caller['permissions'] = new Set(['read']),
  ): Caller => ({
    tenant,
    name,
    permissions,
    access: fullAccess,
    person: null,
  })
  const ids = (...args: Parameters<typeof rateOwners>) =>
    rateOwners(...args).map(({ kind, subject }) => `${kind} ${subject}`)
  assert.deepEqual(ids(caller('key mk_1'), '::1'), ['key mk_1', 'tenant 7'])
  assert.deepEqual(ids(caller('key mk_1', new Set(['operator'])), '::1'), ['key mk_1'])
  assert.deepEqual(ids(caller('local', new Set(['operator'])), '::1'), [])
  const person = { userId: 'usr_1', email: 'a@b.c', sessionId: 's' }
  assert.deepEqual(ids({ name: 'user usr_1', person }, '::1'), ['user usr_1'])
  assert.deepEqual(ids({ ...caller('user usr_1'), person }, '::1'), ['user usr_1', 'tenant 7'])
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const) {
    assert.deepEqual(ids(nobody, address), [`address ${network}`])
  }
  // Of this machine, or of a proxy whose word nobody was told to believe.
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    assert.deepEqual(ids(nobody, address), [])
})
