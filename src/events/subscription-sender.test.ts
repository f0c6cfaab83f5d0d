import assert from 'node:assert/strict'
import { describe, test, type TestContext } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { tellEvent } from '#catalog/events.ts'
import {
  claimEvents,
  listEventDeliveries,
  redeliverEvents,
} from '#catalog/subscription-deliveries.ts'
import {
  createSubscription,
  getSubscription,
  pauseSubscription,
  removeSubscription,
  resumeSubscription,
  type Subscription,
} from '#catalog/subscriptions.ts'
import { createTenant } from '#catalog/tenants.ts'
import { openEgress } from '#egress/egress.ts'
import { subscriptionSecretPlace } from '#events/event-message.ts'
import { beginningOf, startSubscriptionSender } from '#events/subscription-sender.ts'
import { systemClock } from '#kernel/clock.ts'
import { systemRandom } from '#kernel/random.ts'
import type { Tenant } from '#model/tenant.ts'
import { keyLine, parseKeyRing } from '#secrets/key-ring.ts'
import { openSecrets } from '#secrets/secrets.ts'
import { mintSecret } from '#tasks/signed-message.ts'
import { afterwards } from '../../test/support/afterwards.ts'
import { eachEngine, suiteCatalog, testParts } from '../../test/support/database.ts'
import { isSigned, openReceiver, type Received } from '../../test/support/receiver.ts'

const secrets = openSecrets(parseKeyRing(keyLine(systemRandom.bytes(32)), 'keys'), systemRandom)
const egress = openEgress({ allow: ['127.0.0.1'], clock: systemClock })
const HOUR_MS = 3_600_000
const LEASE = { max: 10, share: 4, leaseMs: 60_000 }

function sender(t: TestContext, catalog: Catalog, own = egress) {
  const running = startSubscriptionSender({ ...testParts, catalog, secrets, egress: own })
  afterwards(t, () => running.stop(0))
  return running
}

async function subscribe(
  catalog: Catalog,
  tenant: Tenant,
  url: string,
  more: Partial<Pick<Subscription, 'id' | 'kinds' | 'datasets'>> = {},
): Promise<{ id: string; secret: string }> {
  const { id = 'sub_1', kinds = null, datasets = null } = more
  const secret = mintSecret(systemRandom)
  const sealed = secrets.seal(secret, subscriptionSecretPlace(tenant.id, id))
  const own = { id, title: 'test', url, kinds, datasets, createdBy: 'test', secret: sealed }
  await catalog.asTenant(tenant, (s) => createSubscription(s, own))
  return { id, secret }
}

const tell = (catalog: Catalog, tenant: Tenant, run: string) =>
  catalog.asTenant(tenant, (s) => tellEvent(s, 'run.started', { run }))

const shown = (catalog: Catalog, tenant: Tenant, id: string) =>
  catalog.asTenant(tenant, (s) => getSubscription(s, id))

const deliveries = (catalog: Catalog, tenant: Tenant, subscriptionId: string) =>
  catalog.asTenant(tenant, (s) =>
    listEventDeliveries(s, { subscriptionId, state: null, after: null, limit: 100 }),
  )

async function until<T>(look: () => Promise<T> | T, done: (found: T) => boolean): Promise<T> {
  for (;;) {
    const found = await look()
    if (done(found)) return found
    await systemClock.sleep(10)
  }
}

const runsOf = (received: readonly Received[]) =>
  received.map(({ body }) => (JSON.parse(body) as { data: { run?: string } }).data.run)

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  describe('subscriptions', () => {
    test('are told of each event by a signed request, one after the other', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const receiver = await openReceiver(t, () => ({ body: 'thank you' }))
      await tell(catalog, tenant, 'before')
      const { id, secret } = await subscribe(catalog, tenant, `${receiver.url}/hook`)
      sender(t, catalog)
      for (const run of ['a', 'b', 'c']) await tell(catalog, tenant, run)
      const found = await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.length === 3 && all.every(({ state }) => state === 'delivered'),
      )
      assert.deepEqual(runsOf(receiver.received), ['a', 'b', 'c'])
      const [first] = receiver.received
      assert.ok(first && isSigned(first, secret) && !isSigned({ ...first, body: '{}' }, secret))
      assert.equal(first.headers['webhook-id'], 'evt_alpha_2')
      const { at, ...body } = JSON.parse(first.body) as Record<string, unknown>
      assert.ok(Math.abs(Date.parse(String(at)) - systemClock.now().getTime()) < 60_000)
      assert.deepEqual(body, {
        id: 'evt_alpha_2',
        sequence: 2,
        kind: 'run.started',
        tenant: 'alpha',
        data: { run: 'a' },
      })
      const [newest] = found
      assert.deepEqual([newest?.sequence, newest?.attempts, newest?.tries.length], [4, 1, 1])
      assert.deepEqual(
        [newest?.tries[0]?.status, newest?.tries[0]?.answer, newest?.tries[0]?.error],
        [200, 'thank you', null],
      )
      assert.ok((await shown(catalog, tenant, id)).deliveredAt)
    })

    test('are told of the kinds and datasets that they ask for, and of their own tenant', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const other = await createTenant(catalog, 'beta')
      const receiver = await openReceiver(t, () => ({}))
      const kinds = ['partition.held']
      await subscribe(catalog, tenant, receiver.url, { kinds, datasets: ['a'] })
      sender(t, catalog)
      for (const [of, dataset] of [
        [other, 'a'],
        [tenant, 'b'],
        [tenant, 'a'],
      ] as const) {
        await tell(catalog, of, 'other')
        await catalog.asTenant(of, (s) =>
          tellEvent(s, 'partition.held', { dataset, run: `${of.slug} ${dataset}`, partitions: [] }),
        )
      }
      await until(
        () => receiver.received.length,
        (count) => count > 0,
      )
      assert.deepEqual(runsOf(receiver.received), ['alpha a'])
      assert.equal((await deliveries(catalog, tenant, 'sub_1')).length, 1)
    })

    test('are told again of what they refuse, and of what comes behind it meanwhile', async (t) => {
      const { catalog, admin } = open()
      const tenant = await createTenant(catalog, 'alpha')
      let mild = false
      const receiver = await openReceiver(t, ({ body }) =>
        !mild && body.includes('odd') ? { status: 422, body: 'x'.repeat(500) } : {},
      )
      const { id } = await subscribe(catalog, tenant, receiver.url)
      sender(t, catalog)
      for (const run of ['odd', 'a', 'b']) await tell(catalog, tenant, run)
      const waiting = await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.filter(({ state }) => state === 'delivered').length === 2,
      )
      const [odd] = waiting.filter(({ state }) => state === 'waiting')
      assert.ok(odd?.nextAt && odd.nextAt.getTime() > systemClock.now().getTime() - 1_000)
      assert.deepEqual([odd.tries[0]?.status, odd.tries[0]?.answer?.length], [422, 200])
      assert.match(odd.tries[0]?.error ?? '', /422/)
      mild = true
      await admin(`UPDATE event_delivery SET next_at = now(); UPDATE event_subscription SET due_at = now();
        NOTIFY millrace_ready`)
      await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.every(({ state }) => state === 'delivered'),
      )
      assert.equal(runsOf(receiver.received).at(-1), 'odd')
    })

    test('that nothing arrives at are asked with growing pauses, and after days no more', async (t) => {
      const { catalog, shiftClock } = open()
      const tenant = await createTenant(catalog, 'alpha')
      let well = false
      const receiver = await openReceiver(t, () => ({ status: well ? 204 : 503 }))
      const watcher = await openReceiver(t, () => ({}))
      const { id } = await subscribe(catalog, tenant, receiver.url, { kinds: ['run.started'] })
      await subscribe(catalog, tenant, watcher.url, {
        id: 'sub_2',
        kinds: ['subscription.failing'],
      })
      for (const run of ['a', 'b', 'c']) await tell(catalog, tenant, run)
      sender(t, catalog)
      const first = await until(
        () => shown(catalog, tenant, id),
        ({ failures }) => failures >= 2,
      )
      assert.ok(first.failingSince)
      assert.ok(first.nextAt && first.nextAt.getTime() > systemClock.now().getTime() - 1_000)
      let failures = 0
      for (const hours of [3, 26, 49, 71]) {
        await shiftClock(hours * HOUR_MS)
        await catalog.asTenant(tenant, (s) => s.query(`SELECT pg_notify('millrace_ready', '')`))
        failures = (
          await until(
            () => shown(catalog, tenant, id),
            (own) => own.failures > failures,
          )
        ).failures
      }
      await shiftClock(74 * HOUR_MS)
      await catalog.asTenant(tenant, (s) => s.query(`SELECT pg_notify('millrace_ready', '')`))
      await until(
        () => shown(catalog, tenant, id),
        ({ state }) => state === 'failing',
      )
      await until(
        () => watcher.received,
        (got) => got.length === 1,
      )
      assert.match(
        watcher.received[0]?.body ?? '',
        /"kind":"subscription.failing".*"subscription":"sub_1"/,
      )
      well = true
      await tell(catalog, tenant, 'd')
      const sent = receiver.received.length
      await catalog.asTenant(tenant, (s) => resumeSubscription(s, id))
      await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.every(({ state }) => state !== 'waiting'),
      )
      const states = (await deliveries(catalog, tenant, id)).map(({ state }) => state)
      assert.equal(states[0], 'delivered')
      assert.equal(
        states.filter((state) => state === 'delivered').length,
        receiver.received.length - sent,
      )
      const givenUp = states.filter((state) => state === 'given-up').length
      assert.equal(await catalog.asTenant(tenant, (s) => redeliverEvents(s, id, null)), givenUp)
      await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.every(({ state }) => state === 'delivered'),
      )
    })

    test('whose receiver says that it is gone are sent nothing any more', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const receiver = await openReceiver(t, () => ({ status: 410 }))
      const { id } = await subscribe(catalog, tenant, receiver.url)
      sender(t, catalog)
      for (const run of ['a', 'b']) await tell(catalog, tenant, run)
      await until(
        () => shown(catalog, tenant, id),
        ({ state }) => state === 'failing',
      )
      assert.equal(receiver.received.length, 1)
    })

    test('that are paused are told of everything when they are resumed, and removed ones of nothing', async (t) => {
      const { catalog, admin } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const receiver = await openReceiver(t, () => ({}))
      const { id } = await subscribe(catalog, tenant, receiver.url)
      await catalog.asTenant(tenant, (s) => pauseSubscription(s, id))
      await tell(catalog, tenant, 'a')
      sender(t, catalog)
      const claimed = await catalog.asSystem((s) => claimEvents(s, LEASE))
      assert.deepEqual(claimed, [])
      await catalog.asTenant(tenant, (s) => resumeSubscription(s, id))
      await until(
        () => receiver.received.length,
        (count) => count === 1,
      )
      await until(
        () => deliveries(catalog, tenant, id),
        ([one]) => one?.state === 'delivered',
      )
      await catalog.asTenant(tenant, (s) => redeliverEvents(s, id, 1))
      await until(
        () => receiver.received.length,
        (count) => count === 2,
      )
      await catalog.asTenant(tenant, (s) => removeSubscription(s, id))
      await tell(catalog, tenant, 'b')
      assert.deepEqual(await admin('SELECT FROM event_delivery'), [])
    })

    test('lose nothing when a sender dies between the commit and the answer', async (t) => {
      const { catalog, shiftClock } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const receiver = await openReceiver(t, () => ({}))
      const { id } = await subscribe(catalog, tenant, receiver.url)
      await tell(catalog, tenant, 'a')
      // This one takes it, and is never heard of again.
      const [claimed] = await catalog.asSystem((s) => claimEvents(s, LEASE))
      assert.equal(claimed?.event.sequence, 1)
      await tell(catalog, tenant, 'b')
      assert.deepEqual(await catalog.asSystem((s) => claimEvents(s, LEASE)), [])
      await shiftClock(61_000)
      sender(t, catalog)
      await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.length === 2 && all.every(({ state }) => state === 'delivered'),
      )
      assert.deepEqual(runsOf(receiver.received), ['a', 'b'])
    })

    test('are told once, however many senders there are', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const receiver = await openReceiver(t, () => ({}))
      const { id } = await subscribe(catalog, tenant, receiver.url)
      sender(t, catalog)
      sender(t, catalog)
      const runs = Array.from({ length: 20 }, (_none, at) => `run ${at}`)
      for (const run of runs) await tell(catalog, tenant, run)
      await until(
        () => deliveries(catalog, tenant, id),
        (all) => all.every(({ state }) => state === 'delivered'),
      )
      assert.deepEqual(runsOf(receiver.received), runs)
    })

    test('of one tenant whose receivers are slow hold up nobody else', async (t) => {
      const { catalog } = open()
      const noisy = await createTenant(catalog, 'noisy')
      const quiet = await createTenant(catalog, 'quiet')
      const release = Promise.withResolvers<void>()
      const slow = await openReceiver(t, async () => {
        await release.promise
        return {}
      })
      afterwards(t, async () => release.resolve())
      const fast = await openReceiver(t, () => ({}))
      for (let at = 0; at < 40; at++) {
        await subscribe(catalog, noisy, slow.url, { id: `sub_${at + 10}` })
      }
      await subscribe(catalog, quiet, fast.url)
      await tell(catalog, noisy, 'noise')
      sender(t, catalog)
      await until(
        () => slow.received.length,
        (count) => count === 4,
      )
      await tell(catalog, quiet, 'a')
      await until(
        () => fast.received.length,
        (count) => count === 1,
      )
      assert.equal(slow.received.length, 4)
    })

    test('go only where requests may go', async (t) => {
      const { catalog } = open()
      const tenant = await createTenant(catalog, 'alpha')
      const receiver = await openReceiver(t, () => ({}))
      const { id } = await subscribe(catalog, tenant, receiver.url)
      const strict = openEgress({ allow: [], clock: systemClock })
      sender(t, catalog, strict)
      await tell(catalog, tenant, 'a')
      const [one] = await until(
        () => deliveries(catalog, tenant, id),
        ([first]) => (first?.tries.length ?? 0) > 0,
      )
      assert.equal(one?.tries[0]?.status, null)
      assert.match(one?.tries[0]?.error ?? '', /127\.0\.0\.1/)
      assert.equal(receiver.received.length, 0)
      strict.close()
    })
  })
})

test('the beginning of an answer is text of whole characters', () => {
  assert.equal(beginningOf(Buffer.from(`${'a'.repeat(199)}é and more`)), 'a'.repeat(199))
  assert.equal(beginningOf(Buffer.from([97, 0, 98])), 'a\ufffdb')
  assert.equal(beginningOf(Buffer.from('')), '')
})
