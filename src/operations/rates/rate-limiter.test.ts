import assert from 'node:assert/strict'
import { test } from 'node:test'

import { setDefaultRate, setTenantRate, type RateOwner } from '#catalog/rates.ts'
import { createKey } from '#catalog/keys.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import { createRateLimiter, type RateLimiter } from '#operations/rates/rate-limiter.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const limiterOf = ({ catalog }: TestCatalog) =>
    createRateLimiter({ catalog, clock: systemClock, log: silentLogger })

  async function tenantWith(world: TestCatalog, slug: string, perMinute: number, burst: number) {
    const tenant = await createTenant(world.catalog, slug)
    await world.catalog.asSystem((session) =>
      setTenantRate(session, tenant.id, { perMinute, burst }),
    )
    const owner: RateOwner = { kind: 'tenant', tenantId: tenant.id, subject: String(tenant.id) }
    return { tenant, owner }
  }

  async function count(limiter: RateLimiter, owners: readonly RateOwner[], asked: number) {
    let granted = 0
    for (let at = 0; at < asked; at++) {
      if ((await limiter.take(owners)).refused === null) granted++
    }
    return granted
  }

  test('a burst is granted, then no more until the bucket has filled', async () => {
    const world = open()
    // One token a minute: none comes while the test runs.
    const { owner } = await tenantWith(world, 'few', 1, 6)
    const limiter = limiterOf(world)
    assert.equal(await count(limiter, [owner], 6), 6)
    const { refused, states } = await limiter.take([owner])
    assert.ok(refused && refused.waitMs > 40_000 && refused.waitMs <= 60_000, `${refused?.waitMs}`)
    assert.equal(states[0]?.left, 0)
    await world.shiftClock(120_000)
    assert.equal(await count(limiterOf(world), [owner], 5), 2)
  })

  test('many processes share one bucket, and what one does not use comes back to the others', async () => {
    const world = open()
    const { owner } = await tenantWith(world, 'shared', 60, 400)
    const [first, second] = [limiterOf(world), limiterOf(world)]
    const together = await Promise.all([
      count(first, [owner], 150),
      count(second, [owner], 150),
      count(first, [owner], 150),
    ])
    const sum = together.reduce((all, one) => all + one, 0)
    // A second or so of the test's own time fills in a few more.
    assert.ok(sum >= 360 && sum <= 410, `granted ${sum}`)
  })

  test('a request takes from all of its buckets or from none', async () => {
    const world = open()
    const { tenant, owner } = await tenantWith(world, 'both', 1, 10)
    await world.catalog.asTenant(tenant, (session) =>
      createKey(session, {
        id: 'mk_both',
        name: 'small',
        hash: Buffer.alloc(32, 51),
        permissions: [],
        rate: { perMinute: 1, burst: 3 },
      }),
    )
    const key: RateOwner = { kind: 'key', tenantId: tenant.id, subject: 'mk_both' }
    const limiter = limiterOf(world)
    assert.equal(await count(limiter, [key, owner], 9), 3)
    const { refused } = await limiter.take([key, owner])
    assert.equal(refused?.state.owner.kind, 'key')
    assert.equal(await count(limiter, [owner], 9), 7)
  })

  test('a rate that is raised counts within a second', async () => {
    const world = open()
    const { tenant, owner } = await tenantWith(world, 'raised', 1, 1)
    const limiter = limiterOf(world)
    assert.equal(await count(limiter, [owner], 5), 1)
    await world.catalog.asSystem((session) =>
      setTenantRate(session, tenant.id, { perMinute: 60_000, burst: 1000 }),
    )
    const until = performance.now() + 1000
    while ((await limiter.take([owner])).refused !== null) {
      assert.ok(performance.now() < until, 'still refused after a second')
      await systemClock.sleep(20)
    }
  })

  test('addresses and users have the rate of their kind', async () => {
    const world = open()
    await world.catalog.asSystem((session) =>
      setDefaultRate(session, 'address', { perMinute: 1, burst: 2 }),
    )
    const limiter = limiterOf(world)
    const address = (subject: string): RateOwner => ({ kind: 'address', tenantId: 0, subject })
    assert.equal(await count(limiter, [address('192.0.2.1')], 5), 2)
    assert.equal(await count(limiter, [address('192.0.2.2')], 5), 2)
  })

  test('at high rates hardly any request asks the catalog', async () => {
    const world = open()
    const { owner } = await tenantWith(world, 'high', 60_000, 10_000)
    let statements = 0
    const counting = {
      ...world.catalog,
      asSystem: ((work) => {
        statements++
        return world.catalog.asSystem(work)
      }) as typeof world.catalog.asSystem,
    }
    const limiter = createRateLimiter({ catalog: counting, clock: systemClock, log: silentLogger })
    assert.equal(await count(limiter, [owner], 2000), 2000)
    assert.ok(statements <= 10, `${statements} statements`)
  })

  test('while the catalog cannot be asked, requests go on', async () => {
    const world = open()
    const { owner } = await tenantWith(world, 'unreached', 1, 1)
    const broken = { ...world.catalog, asSystem: () => Promise.reject(new Error('gone')) }
    const limiter = createRateLimiter({ catalog: broken, clock: systemClock, log: silentLogger })
    assert.equal(await count(limiter, [owner], 5), 5)
  })
})
