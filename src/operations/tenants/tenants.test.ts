import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { listAudit } from '#catalog/audit.ts'
import { createTenant, tenantBySlug } from '#catalog/tenants.ts'
import { openServer, type TestServer } from '../../../test/support/open-server.ts'

let server: TestServer

before(async () => {
  server = await openServer()
})
after(() => server.close())

interface Answer {
  readonly status: number
  readonly body: Fields
}

type Fields = Readonly<Record<string, unknown>>

function fieldsOf(value: unknown): Fields {
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value))
  return value as Fields
}

function rowsOf(value: unknown): readonly Fields[] {
  assert.ok(Array.isArray(value))
  return value.map(fieldsOf)
}

function textOf(value: unknown): string {
  assert.ok(typeof value === 'string')
  return value
}

async function call(
  method: 'GET' | 'POST',
  url: string,
  { as, body, headers }: { as?: string; body?: object; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await server.app.inject({
    method,
    url,
    headers: {
      authorization: `Bearer ${as ?? server.operatorKey}`,
      ...(as === undefined && { 'millrace-tenant': 'default' }),
      ...headers,
    },
    ...(body && { payload: body }),
  })
  return { status: response.statusCode, body: fieldsOf(response.json()) }
}

const wanted = {
  slug: 'gamma',
  name: 'Gamma & Söhne',
  packs: ['events'],
  weight: 200,
  limit: 3,
  rate: '100/1m',
  timeZone: 'Europe/Vienna',
  locale: 'de-at',
  colour: '#1a7f5a',
  keepVersionsDays: 10,
  keepDaysMax: 90,
  sources: { events: { location: '/data/gamma/{yyyy}-{MM}.csv' } },
  admin: 'Owner@Gamma.example',
}

test('a tenant comes with settings, limits, sources, a key and its first owner in one step', async () => {
  const headers = { 'idempotency-key': 'contract-17' }
  const made = await call('POST', '/v1/tenants', { body: wanted, headers })
  assert.equal(made.status, 200, JSON.stringify(made.body))
  const key = textOf(made.body['key'])
  assert.match(textOf(made.body['invitation']), /^https?:\/\/.*/)
  const own = await call('GET', '/v1/tenants/gamma', { as: key })
  const { sources: _sources, admin: _admin, ...settings } = wanted
  const { logo, reason, createdAt, ...shown } = own.body
  assert.deepEqual([logo, reason, typeof createdAt], [null, null, 'string'])
  assert.deepEqual(shown, {
    ...settings,
    locale: 'de-AT',
    state: 'active',
    keepRunsDays: null,
    keepLogsDays: null,
    folder: 'gamma/',
  })
  const source = await call('GET', '/v1/sources/events/options', { as: key })
  assert.equal(fieldsOf(source.body['options'])['location'], wanted.sources.events.location)

  const again = await call('POST', '/v1/tenants', { body: wanted, headers })
  assert.deepEqual(
    [again.status, again.body['created'], again.body['key'], again.body['name']],
    [200, false, null, wanted.name],
  )
  const other = await call('POST', '/v1/tenants', { body: { ...wanted, weight: 9 }, headers })
  assert.deepEqual([other.status, other.body['code']], [422, 'tenant-request-differs'])
  const without = await call('POST', '/v1/tenants', { body: wanted })
  assert.deepEqual([without.status, without.body['code']], [409, 'tenant-exists'])
})

test('whatever is wrong with the wish for a tenant, nothing of the tenant is there', async () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ packs: ['nowhere'] }, 'pack-unknown'],
    [{ timeZone: 'Europe/Atlantis' }, 'zone-unknown'],
    [{ locale: 'not a language' }, 'input-invalid'],
    [{ rate: 'often' }, 'limit-invalid'],
    [{ sources: { nothing: { location: '/a' } } }, 'dataset-unknown'],
    [{ sources: { events: { location: 'ftp://a/b' } } }, 'connector-unknown'],
    [{ sources: { events: { endpoint: 'http://169.254.169.254/' } } }, 'egress-denied'],
    [{ keepVersionsDays: 91 }, 'input-invalid'],
    [{ admin: 'nobody' }, 'input-invalid'],
    [{ logo: 'data:image/svg+xml;base64,AAAA' }, 'input-invalid'],
    [{ state: 'active' }, 'input-invalid'],
    [{ id: 1 }, 'input-invalid'],
    [{ slug: 'Not-A-Slug' }, 'tenant-slug-invalid'],
  ]
  for (const [change, code] of wrong) {
    const body = { ...wanted, slug: 'delta', ...change }
    const answer = await call('POST', '/v1/tenants', { body })
    assert.equal(answer.body['code'], code, JSON.stringify([change, answer.body]))
    assert.equal(await tenantBySlug(server.open.catalog, 'delta'), null)
  }
  const made = await call('POST', '/v1/tenants', { body: { slug: 'delta', withoutKey: true } })
  assert.deepEqual([made.body['created'], made.body['key'], made.body['keyId']], [true, null, null])
})

test('admins change what is theirs, operators the rest, and nobody what is another tenant’s', async () => {
  const admin = await server.key(server.tenants.alpha, ['read', 'admin'])
  const set = (body: object, as?: string, slug = 'alpha') =>
    call('POST', `/v1/tenants/${slug}/settings`, { body, ...(as && { as }) })
  await set({ keepDaysMax: 30 })
  const changed = await set({ name: 'Alpha Ltd', colour: '#ffffff', keepRunsDays: 30 }, admin)
  assert.deepEqual(
    [changed.status, changed.body['name'], changed.body['keepRunsDays']],
    [200, 'Alpha Ltd', 30],
  )
  const bare = await set({ colour: null, keepRunsDays: null }, admin)
  assert.deepEqual(
    [bare.body['colour'], bare.body['keepRunsDays'], bare.body['name']],
    [null, null, 'Alpha Ltd'],
  )
  assert.equal((await set({ keepLogsDays: 31 }, admin)).body['code'], 'input-invalid')
  for (const field of [{ packs: null }, { weight: 900 }, { limit: null }, { rate: null }]) {
    const refused = await set(field, admin)
    assert.deepEqual(
      [refused.status, refused.body['code']],
      [403, 'forbidden'],
      JSON.stringify(field),
    )
  }
  assert.equal((await set({ role: 'owner' }, admin)).status, 400)
  const foreign = await set({ name: 'Mine' }, admin, 'beta')
  const missing = await set({ name: 'Mine' }, admin, 'nobody')
  assert.deepEqual([foreign.status, missing.status], [404, 404])
  assert.equal(textOf(foreign.body['detail']).replace('beta', 'nobody'), missing.body['detail'])
  assert.equal((await call('GET', '/v1/tenants/beta', { as: admin })).status, 404)
  assert.equal((await call('GET', '/v1/tenants', { as: admin })).status, 403)

  const provided = await set({ weight: 900, limit: 7, rate: '5/1s' })
  assert.deepEqual(
    [provided.body['weight'], provided.body['limit'], provided.body['rate']],
    [900, 7, '5/1s'],
  )
  const unlimited = await set({ limit: null, rate: null })
  assert.deepEqual(
    [unlimited.body['limit'], unlimited.body['rate'], unlimited.body['weight']],
    [null, null, 900],
  )
})

test('a suspended tenant is refused with the reason within a second, and its schedules wait for their next time', async () => {
  const tenant = await createTenant(server.open.catalog, 'halted')
  const key = await server.key(tenant, ['read', 'run', 'write'])
  const schedule = { name: 'nightly', cron: '0 3 * * *', datasets: ['events'] }
  assert.equal((await call('POST', '/v1/schedules', { as: key, body: schedule })).status, 200)
  assert.equal((await call('GET', '/v1/status', { as: key })).status, 200)
  const body = { reason: 'unpaid since May' }
  const suspended = await call('POST', '/v1/tenants/halted/suspend', { body })
  assert.deepEqual([suspended.body['state'], suspended.body['reason']], ['suspended', body.reason])
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  for (const url of ['/v1/status', '/v1/tenants/halted', '/v1/schedules']) {
    const refused = await call('GET', url, { as: key })
    assert.deepEqual([refused.status, refused.body['code']], [403, 'tenant-suspended'], url)
    assert.match(textOf(refused.body['detail']), /unpaid since May/)
  }
  const nextAt = async () => {
    const headers = { 'millrace-tenant': 'halted' }
    const { body } = await call('GET', '/v1/schedules/nightly', { headers })
    return fieldsOf(body['schedule'])['nextAt']
  }
  assert.equal(await nextAt(), null)
  const listed = (await call('GET', '/v1/tenants?state=suspended')).body
  assert.deepEqual(
    rowsOf(listed['tenants']).map(({ slug }) => slug),
    ['halted'],
  )
  assert.equal(fieldsOf(listed['counts'])['suspended'], 1)

  assert.equal((await call('POST', '/v1/tenants/halted/resume')).body['state'], 'active')
  assert.equal((await call('POST', '/v1/tenants/halted/resume')).body['state'], 'active')
  const next = new Date(textOf(await nextAt()))
  assert.equal(next.getUTCHours(), 3)
  assert.ok(next > new Date())
  await new Promise((resolve) => setTimeout(resolve, 600))
  assert.equal((await call('GET', '/v1/status', { as: key })).status, 200)
  const log = await server.open.catalog.asTenant(tenant, (session) => listAudit(session, 0, 100))
  const steps = log.filter(({ action }) => action.startsWith('tenants.'))
  assert.deepEqual(
    steps.map(({ action, actor }) => `${actor} ${action}`),
    ['operator tenants.suspend', 'operator tenants.resume'],
  )
})

test('a tenant sees, plans and runs nothing of a pack that it does not have', async () => {
  const none = await call('POST', '/v1/tenants', { body: { slug: 'bare', packs: [] } })
  const as = textOf(none.body['key'])
  assert.deepEqual((await call('GET', '/v1/datasets', { as })).body['datasets'], [])
  for (const [method, url, body] of [
    ['GET', '/v1/datasets/events', undefined],
    ['GET', '/v1/sources/events/options', undefined],
    ['POST', '/v1/sources/events/options', { location: '/data/{yyyy}-{MM}.csv' }],
    ['POST', '/v1/runs', { datasets: ['events'] }],
    ['POST', '/v1/schedules', { name: 'a', cron: '@daily', datasets: ['events'] }],
  ] as const) {
    const answer = await call(method, url, { as, ...(body && { body }) })
    assert.equal(answer.status, 404, `${method} ${url} ${JSON.stringify(answer.body)}`)
  }
  const everything = await call('POST', '/v1/runs', { as, body: {} })
  assert.equal(everything.body['run'], null)
  await call('POST', '/v1/tenants/bare/settings', { body: { packs: null } })
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  assert.notDeepEqual((await call('GET', '/v1/datasets', { as })).body['datasets'], [])
})

test('a tenant in a cell has its limits, its sources and its state there', async () => {
  assert.equal((await call('POST', '/v1/cells', { body: { name: 'apart' } })).status, 200)
  const body = { ...wanted, slug: 'alone', cell: 'apart', admin: undefined }
  const made = await call('POST', '/v1/tenants', { body })
  assert.deepEqual([made.status, made.body['state']], [200, 'active'], JSON.stringify(made.body))
  const as = textOf(made.body['key'])
  const source = await call('GET', '/v1/sources/events/options', { as })
  assert.equal(fieldsOf(source.body['options'])['location'], wanted.sources.events.location)
  const [limit] = rowsOf((await call('GET', '/v1/limits', { as })).body['limits'])
  assert.deepEqual([limit?.['scope'], limit?.['running'], limit?.['rate']], ['tenant', 3, '100/1m'])
  const schedule = { name: 'nightly', cron: '0 3 * * *', datasets: ['events'] }
  const nightly = await call('POST', '/v1/schedules', { as, body: schedule })
  assert.equal(nightly.body['zone'], wanted.timeZone)
  await call('POST', '/v1/tenants/alone/suspend', { body: { reason: 'moving' } })
  const there = await call('GET', '/v1/schedules/nightly', {
    headers: { 'millrace-tenant': 'alone' },
  })
  assert.equal(fieldsOf(there.body['schedule'])['nextAt'], null)
  assert.equal((await call('POST', '/v1/tenants/alone/resume')).body['state'], 'active')
  const nowhere = await call('POST', '/v1/tenants', {
    body: { slug: 'lost', cell: 'nowhere', withoutKey: true },
  })
  assert.equal(nowhere.body['code'], 'cell-unknown')
  assert.equal(await tenantBySlug(server.open.catalog, 'lost'), null)
  const again = await call('POST', '/v1/tenants', {
    body: { slug: 'lost', cell: 'apart', withoutKey: true },
  })
  assert.deepEqual([again.status, again.body['state']], [200, 'active'], JSON.stringify(again.body))
})

test('a page of tenants says where the next one begins', async () => {
  for (const slug of ['page-1', 'page-2', 'page-3']) await createTenant(server.open.catalog, slug)
  const first = (await call('GET', '/v1/tenants?prefix=page-&limit=2')).body
  assert.deepEqual([rowsOf(first['tenants']).length, first['next']], [2, 'page-2'])
  const last = (
    await call('GET', `/v1/tenants?prefix=page-&limit=2&after=${textOf(first['next'])}`)
  ).body
  assert.deepEqual([rowsOf(last['tenants'])[0]?.['slug'], last['next']], ['page-3', null])
})
