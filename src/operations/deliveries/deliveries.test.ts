import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'

import { fullAccess } from '#model/access.ts'
import { sha256 } from '#kernel/hash.ts'
import { revokeKey } from '#catalog/keys.ts'
import { setTenantState } from '#catalog/tenant-states.ts'
import { entryLines } from '../../../test/support/answer-world.ts'
import {
  openDeliveryWorld,
  type DeliveryWorld,
  type ShownDelivery,
} from '../../../test/support/delivery-world.ts'

let world: DeliveryWorld

before(async () => {
  world = await openDeliveryWorld()
  await world.publish('2021-03', entryLines('2021-03', 10_000))
  await world.publish('2021-04', entryLines('2021-04', 10_001))
})
after(() => world.close())

const entries = '/v1/datasets/entries/rows.csv'

test('10,000 rows are answered, 10,001 are delivered, with the same receipt and the same bytes', async () => {
  const answered = await world.get(`${entries}?partition=2021-03`)
  assert.equal(answered.status, 200)
  assert.equal(answered.body.trimEnd().split('\n').length, 10_001)

  const delivered = await world.get(`${entries}?partition=2021-04`)
  assert.equal(delivered.status, 202, delivered.body)
  const { id, location } = delivered.json<ShownDelivery>()
  assert.equal(delivered.headers['location'], location)
  const ready = await world.until(id, 'ready')
  assert.equal(ready.rows, 10_001)
  assert.equal(ready.receipt, delivered.headers['millrace-receipt'])
  const file = await world.get(`${location}/file`)
  assert.equal(file.status, 200)
  assert.equal(sha256(file.bytes), ready.sha256)
  const direct = await world.get('/v1/datasets/entries/export?format=csv&partition=2021-04')
  assert.equal(sha256(direct.bytes), ready.sha256)
  // Whoever asks again while it lives is led to the same one.
  const again = await world.get(`${entries}?partition=2021-04`)
  assert.equal(again.json<ShownDelivery>().id, id)
})

test('an endpoint whose rows are too many becomes a delivery, too', async () => {
  const reply = await world.get('/v1/endpoints/lines/rows.ndjson')
  assert.equal(reply.status, 202, reply.body)
  const ready = await world.until(reply.json<ShownDelivery>().id, 'ready')
  assert.equal(ready.rows, 20_001)
  assert.equal(ready.format, 'ndjson')
  const file = await world.get(`${ready.location}/file`)
  assert.equal(file.body.trimEnd().split('\n').length, 20_001)
})

test('equal requests share a file, each with a link of its own', async () => {
  const body = { dataset: 'entries', partition: '2021-03', format: 'csv' }
  const [one, two] = [await world.create(body), await world.create(body)]
  assert.notEqual(one.id, two.id)
  const first = await world.until(one.id, 'ready')
  const second = await world.until(two.id, 'ready')
  assert.equal(first.sha256, second.sha256)
  assert.notEqual(first.link, second.link)
  const rows = await world.server.open.catalog.asTenant(world.tenant, (session) =>
    session.query<{ files: number }>(
      'SELECT count(DISTINCT artefact_id)::int AS files FROM delivery WHERE tenant_id = $1 AND sha256 = $2',
      [world.tenant.id, first.sha256],
    ),
  )
  assert.equal(rows[0]?.files, 1)
  assert.equal((await world.send('DELETE', `/v1/deliveries/${one.id}`)).status, 200)
  assert.equal((await world.follow(first.link)).status, 404)
  assert.equal((await world.follow(second.link)).status, 200)
})

test('a file is fetched in parts, and goes on only as the same file', async () => {
  const { id } = await world.create({ dataset: 'entries', partition: '2021-03' })
  const { link, sizeBytes } = await world.until(id, 'ready')
  const size = sizeBytes ?? 0
  const whole = await world.follow(link)
  assert.equal(whole.status, 200)
  assert.equal(whole.headers['accept-ranges'], 'bytes')
  assert.equal(whole.headers['x-content-type-options'], 'nosniff')
  assert.match(
    String(whole.headers['content-disposition']),
    /^attachment; filename="entries\.csv"$/,
  )
  const etag = String(whole.headers['etag'])
  const part = (range: string, more = {}) => world.follow(link, { range, ...more })

  const head = await part('bytes=0-999')
  assert.equal(head.status, 206)
  assert.equal(head.headers['content-range'], `bytes 0-999/${size}`)
  const rest = await part('bytes=1000-', { 'if-range': etag })
  assert.equal(rest.status, 206)
  assert.deepEqual(Buffer.concat([head.bytes, rest.bytes]), whole.bytes)
  const tail = await part('bytes=-10')
  assert.deepEqual(tail.bytes, whole.bytes.subarray(-10))
  assert.equal((await part('bytes=1000-', { 'if-range': '"other"' })).status, 200)
  const beyond = await part(`bytes=${size}-`)
  assert.equal(beyond.status, 416)
  assert.equal(beyond.headers['content-range'], `bytes */${size}`)
  for (const odd of ['bytes=5-1', 'bytes=0-1,4-5', 'lines=1-2', 'bytes=-']) {
    assert.equal((await part(odd)).status, 200, odd)
  }
})

test('a link that does not open anything answers the same whatever is wrong with it', async () => {
  const make = async (more = {}) => {
    const { id } = await world.create({ dataset: 'entries', partition: '2021-03', ...more })
    return world.until(id, 'ready', 'expired')
  }
  const bodyOf = async (link: string) => {
    const reply = await world.follow(link)
    assert.equal(reply.status, 404, link)
    const { requestId: _id, instance: _instance, ...body } = reply.json<Record<string, unknown>>()
    return JSON.stringify(body)
  }
  const good = await make()
  const other = await make()
  const once = await make({ downloads: 1 })
  assert.equal((await world.follow(once.link)).status, 200)
  const expired = await make({ keep: '1ms' })
  const revoked = await world.key()
  const ofRevoked = await world.create({ dataset: 'entries', partition: '2021-03' }, revoked)
  await world.until(ofRevoked.id, 'ready')
  const revokedLink = (await world.show(ofRevoked.id)).link ?? ''
  assert.equal((await world.follow(revokedLink)).status, 200)
  await world.server.open.catalog.asTenant(world.tenant, (session) =>
    revokeKey(session, `mk_${/^mk_([^_]+)/.exec(revoked)?.[1]}`),
  )

  const link = good.link ?? ''
  const token = new URL(link).searchParams.get('token') ?? ''
  const swapped = (from: string, to: string) => link.replace(from, to)
  const bodies = new Set<string>()
  for (const bad of [
    swapped(good.id, other.id),
    swapped(good.id, 'dlv_0000000000000000'),
    swapped('token=alpha', 'token=beta'),
    swapped('token=alpha', 'token=nobody'),
    link.replace(/.$/, (letter) => (letter === 'A' ? 'B' : 'A')),
    link.replace(encodeURIComponent(token), ''),
    `http://x/v1/deliveries/${expired.id}/download?token=${token}`,
    once.link ?? '',
    revokedLink,
  ]) {
    bodies.add(await bodyOf(bad))
  }
  assert.equal(bodies.size, 1, [...bodies].join('\n'))
  assert.equal((await world.follow(link)).status, 200)
})

test('a link that may be used once is used up by a whole download alone', async () => {
  const { id } = await world.create({ dataset: 'entries', partition: '2021-03', downloads: 1 })
  const { link } = await world.until(id, 'ready')
  const path = new URL(link ?? '')
  const looked = await world.server.app.inject({
    method: 'HEAD',
    url: `${path.pathname}${path.search}`,
  })
  assert.equal(looked.statusCode, 405)
  assert.equal((await world.show(id)).downloads, 0)
  const [first, second] = await Promise.all([world.follow(link), world.follow(link)])
  assert.deepEqual(
    [first?.status, second?.status].toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    [200, 404],
  )
  const shown = await world.show(id)
  assert.deepEqual([shown.downloads, shown.link], [1, null])
})

test('who may see less is not shown what shows more, and may not ask for more', async () => {
  const body = { dataset: 'entries', partition: '2021-03' }
  const { id } = await world.create(body)
  await world.until(id, 'ready')
  const limited = await world.key({
    ...fullAccess,
    endpoints: ['entries'],
    rows: { entries: [{ column: 'who', op: 'eq', value: 'who 1' }] },
  })
  assert.equal((await world.get(`/v1/deliveries/${id}`, limited)).status, 404)
  assert.equal((await world.get(`/v1/deliveries/${id}/file`, limited)).status, 404)
  const list = await world.get('/v1/deliveries', limited)
  assert.deepEqual(list.json<{ deliveries: unknown[] }>().deliveries, [])
  const own = await world.create(body, limited)
  const ready = await world.until(own.id, 'ready')
  assert.ok((ready.rows ?? 0) > 0 && (ready.rows ?? 0) < 2_000)
  const file = await world.get(`/v1/deliveries/${own.id}/file`, limited)
  for (const line of file.body.trimEnd().split('\n').slice(1)) assert.match(line, /who 1/)
  const reader = await world.key(fullAccess, ['read'])
  assert.equal((await world.send('POST', '/v1/deliveries', body, reader)).status, 403)
  const tooMany = await world.get(`${entries}?partition=2021-04`, reader)
  assert.equal(tooMany.json<{ code: string }>().code, 'rows-too-many')
})

test('a suspended tenant has no links', async () => {
  const { id } = await world.create({ dataset: 'entries', partition: '2021-03' })
  const { link } = await world.until(id, 'ready')
  const { catalog } = world.server.open
  await catalog.asSystem((session) => setTenantState(session, world.tenant.id, 'suspended', 'r'))
  assert.equal((await world.follow(link)).status, 404)
  await catalog.asSystem((session) => setTenantState(session, world.tenant.id, 'active', null))
  assert.equal((await world.follow(link)).status, 200)
})

test('an extension reaches links that were sent', async () => {
  const { id } = await world.create({ dataset: 'entries', partition: '2021-03', keep: '1h' })
  const { link, expiresAt } = await world.until(id, 'ready')
  const reply = await world.send('POST', `/v1/deliveries/${id}/extend`, { keep: '30d' })
  const extended = reply.json<ShownDelivery>()
  assert.ok(Date.parse(extended.expiresAt ?? '') > Date.parse(expiresAt ?? '') + 86_400_000)
  assert.equal(extended.link, link)
})

test('texts that a spreadsheet would run are neutralised where it is asked for', async () => {
  await world.publish('2021-05', ['1,=1+1,1.00,,,2021-05-01 10:00:00'])
  const ask = async (cells: string) => {
    const { id } = await world.create({ dataset: 'entries', partition: '2021-05', cells })
    await world.until(id, 'ready')
    return (await world.get(`/v1/deliveries/${id}/file`)).body
  }
  assert.match(await ask('raw'), /,=1\+1,/)
  assert.match(await ask('spreadsheet'), /,'=1\+1,/)
})
