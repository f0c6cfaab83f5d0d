import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  claimLanes,
  holdLane,
  openLane,
  putOffLane,
  releaseLane,
  settleBodies,
  waitingBodies,
} from '#catalog/append-lanes.ts'
import {
  append,
  sourcePosition,
  waitingInAll,
  waitingOf,
  type AppendedBody,
} from '#catalog/append.ts'
import { laneWaits } from '#catalog/lane-waits.ts'
import { forgetAcknowledgements, getAcknowledgement } from '#catalog/acknowledgements.ts'
import { createTenant } from '#catalog/tenants.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

let made = 0
function body(text: string, more: Partial<AppendedBody> = {}): AppendedBody {
  return {
    id: `ack_${String(++made).padStart(8, '0')}`,
    dataset: 'ticks',
    bytes: Buffer.from(text),
    format: 'ndjson',
    encoding: 'identity',
    sha256: sha256(text),
    rows: 1,
    idempotencyKey: null,
    ...more,
  }
}

eachEngine((engine) => {
  const suite = suiteCatalog(engine)
  const send = (tenant: Tenant, ...bodies: AppendedBody[]) =>
    suite().catalog.asTenant(tenant, (session) => append(session, bodies))
  const claim = (leaseMs = 60_000) =>
    suite().catalog.asSystem((session) => claimLanes(session, 10, leaseMs))

  test('twins with a key are one request, and other bytes under it are refused alone', async () => {
    const tenant = await createTenant(suite().catalog, 'acme')
    const key = { idempotencyKey: 'k' }
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => send(tenant, body('a', key), body('a', key))),
    )
    const acknowledged = answers.flat().map((answer) => {
      assert.ok(!(answer instanceof MillraceError))
      return answer
    })
    assert.equal(new Set(acknowledged.map(({ id }) => id)).size, 1)
    assert.equal(acknowledged.filter(({ existed }) => !existed).length, 1)
    const [other, own] = await send(tenant, body('b', key), body('b'))
    assert.ok(other instanceof MillraceError && other.code === 'append-key-reused')
    assert.ok(own && !(own instanceof MillraceError) && !own.existed)
    const { bytes } = await suite().catalog.asTenant(tenant, waitingOf)
    assert.equal(bytes, 2)
  })

  test('a position moves with the rows, from where it stands only', async () => {
    const { catalog } = suite()
    const tenant = await createTenant(catalog, 'acme')
    const at = (from: string | null, to: string) =>
      body('a', { sourcePosition: { name: 'topic-0', from, to } })
    await send(tenant, at(null, '10'))
    const [late, good] = await send(tenant, at(null, '12'), at('10', '20'))
    assert.ok(late instanceof MillraceError && late.code === 'append-position-moved')
    assert.ok(good && !(good instanceof MillraceError))
    const { position, waiting } = await catalog.asTenant(tenant, async (session) => ({
      position: await sourcePosition(session, 'ticks', 'topic-0'),
      waiting: await waitingBodies(session, 'ticks', { requests: 10, bytes: 100 }),
    }))
    assert.equal(position, '20')
    assert.equal(waiting.length, 2)
  })

  test('a lane is one process at a time, and whoever has lost it writes nothing', async () => {
    const { catalog, shiftClock } = suite()
    const tenant = await createTenant(catalog, 'acme')
    await send(tenant, body('a'))
    await shiftClock(1_000)
    const claims = await Promise.all([claim(), claim(), claim()])
    const [lease] = claims.flat()
    assert.equal(claims.flat().length, 1)
    assert.ok(lease)
    await shiftClock(62_000)
    const [next] = await claim()
    assert.ok(next && next.fence > lease.fence)
    for (const stale of [holdLane, (s: never, l: never) => openLane(s, l, 1_000)]) {
      await assert.rejects(
        catalog.asTenant(tenant, (session) => (stale as typeof holdLane)(session, lease)),
        { code: 'lease-lost' },
      )
    }
    await catalog.asTenant(tenant, (session) => holdLane(session, next))
    assert.deepEqual(await claim(), [])
    await catalog.asTenant(tenant, (session) => releaseLane(session, next, true))
    assert.equal((await claim()).length, 1)
  })

  test('what went wrong waits a little longer each time, and is taken up again', async () => {
    const { catalog, setClock } = suite()
    const tenant = await createTenant(catalog, 'acme')
    await send(tenant, body('a'))
    const error = toErrorData(new Error('no'))
    let now = Date.parse('2030-01-01')
    const waits: number[] = []
    for (let time = 0; time < 3; time++) {
      now += 1_000
      await setClock(now)
      let [lease] = await claim()
      while (!lease) {
        now += 100
        await setClock(now)
        ;[lease] = await claim()
      }
      const failed = now
      const own = lease
      await catalog.asTenant(tenant, (session) => putOffLane(session, own, error))
      let again = await claim()
      while (again.length === 0) {
        now += 100
        await setClock(now)
        again = await claim()
      }
      waits.push(now - failed)
      const [taken] = again
      if (taken) await catalog.asTenant(tenant, (session) => releaseLane(session, taken, false))
    }
    const [first = 0, second = 0, third = 0] = waits
    assert.ok(first >= 400 && second >= first * 1.5 && third >= second * 1.5, waits.join(' '))
  })

  test('a lane that is stuck tells since when, what of and how much waits; until it goes on', async () => {
    const { catalog, setClock } = suite()
    const tenant = await createTenant(catalog, 'acme')
    await setClock(Date.parse('2030-01-01T00:00:00Z'))
    await send(tenant, body('a', { rows: 3 }), body('b', { rows: 4 }))
    const waits = (of = tenant) =>
      catalog.asTenant(of, (session) => laneWaits(session, ['none', 'ticks']))
    const fail = async (at: string, message: string) => {
      await setClock(Date.parse(at))
      const [lease] = await claim()
      assert.ok(lease)
      const error = toErrorData(new Error(message))
      await catalog.asTenant(tenant, (session) => putOffLane(session, lease, error))
    }
    const [good] = await waits()
    assert.deepEqual([good?.failures, good?.failingSince, good?.rows], [0, null, 7])
    await fail('2030-01-01T00:01:00Z', 'first')
    await fail('2030-01-01T00:03:00Z', 'second')
    const [stuck] = await waits()
    assert.deepEqual([stuck?.failures, stuck?.requests, stuck?.rows], [2, 2, 7])
    assert.equal(stuck?.since?.toISOString(), '2030-01-01T00:00:00.000Z')
    assert.equal(stuck?.failingSince?.toISOString(), '2030-01-01T00:01:00.000Z')
    assert.match(stuck?.error?.message ?? '', /second/)
    assert.deepEqual(await waits(await createTenant(catalog, 'other')), [])
    await setClock(Date.parse('2030-01-01T00:09:00Z'))
    const [lease] = await claim()
    assert.ok(lease)
    await catalog.asTenant(tenant, (session) => releaseLane(session, lease, true))
    const [again] = await waits()
    assert.deepEqual([again?.failures, again?.failingSince, again?.error], [0, null, null])
  })

  test('bodies go with their counts, what came meanwhile stays, and both are forgotten later', async () => {
    const { catalog, shiftClock } = suite()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'other')
    const first = body('first')
    await send(tenant, first)
    await send(other, body('their own'))
    await shiftClock(1_000)
    const lease = (await claim()).find((own) => own.tenant.id === tenant.id)
    assert.ok(lease)
    await send(tenant, body('meanwhile'))
    const counts = { accepted: 1, quarantined: 0, withheld: 0, erased: 0 }
    await catalog.asTenant(tenant, (session) =>
      settleBodies(session, lease, {
        bodies: [{ id: first.id, bytes: 5, received: 1, repaired: 0, ...counts }],
        commitNumber: 7,
        settleMs: 60_000,
        drainRate: 100,
        pauseMs: 500,
        compact: false,
      }),
    )
    const { shown, waiting, left } = await catalog.asTenant(tenant, async (session) => ({
      shown: await getAcknowledgement(session, first.id),
      waiting: await waitingOf(session),
      left: await waitingBodies(session, 'ticks', { requests: 10, bytes: 100 }),
    }))
    assert.deepEqual([shown.accepted, shown.commitNumber], [1, 7])
    assert.deepEqual(waiting, { bytes: 9, drainRate: 100 })
    assert.deepEqual(
      left.map(({ body: bytes }) => bytes.toString()),
      ['meanwhile'],
    )
    assert.equal(await catalog.asSystem(waitingInAll), 18)
    await shiftClock(3_600_000)
    const forgotten = () =>
      catalog.asSystem((session) => forgetAcknowledgements(session, 3_000_000, 10))
    assert.equal(await forgotten(), 1)
    assert.equal(await forgotten(), 0)
  })

  test('one taking is of so many bytes, but of one request at least', async () => {
    const { catalog } = suite()
    const tenant = await createTenant(catalog, 'acme')
    await send(tenant, body('x'.repeat(50)))
    for (let more = 0; more < 5; more++) await send(tenant, body('y'.repeat(30)))
    const take = (requests: number, bytes: number) =>
      catalog.asTenant(tenant, (session) => waitingBodies(session, 'ticks', { requests, bytes }))
    assert.equal((await take(10, 10)).length, 1)
    assert.equal((await take(10, 81)).length, 3)
    assert.equal((await take(4, 1_000)).length, 4)
  })
})
