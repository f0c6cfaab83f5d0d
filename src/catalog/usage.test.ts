import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createTenant } from '#catalog/tenants.ts'
import {
  addUsage,
  assertRoom,
  countUsage,
  dailyUsage,
  setQuota,
  spendQuota,
  storedUsage,
} from '#catalog/usage.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)
  const quota = (
    { catalog }: TestCatalog,
    { id }: Tenant,
    kind: 'storage' | 'runs',
    most: number | null,
  ) => catalog.asSystem((session) => setQuota(session, id, kind, most))

  test('a quota lets exactly as much through in a day, whoever spends at the same time', async () => {
    const world = open()
    const tenant = await createTenant(world.catalog, 'spending')
    await quota(world, tenant, 'runs', 10)
    const spend = () =>
      world.catalog
        .asTenant(tenant, (session) => spendQuota(session, 'runs'))
        .then(
          () => true,
          (error: { code: string }) => {
            assert.equal(error.code, 'quota-exceeded')
            return false
          },
        )
    const spent = await Promise.all(Array.from({ length: 25 }, spend))
    assert.equal(spent.filter(Boolean).length, 10)
    await world.shiftClock(24 * 3_600_000)
    assert.equal(await spend(), true)
    await quota(world, tenant, 'runs', null)
    for (let at = 0; at < 12; at++) assert.equal(await spend(), true)
  })

  test('four fifths of a quota, and all of it, are events, each once', async () => {
    const world = open()
    const tenant = await createTenant(world.catalog, 'noticed')
    await quota(world, tenant, 'runs', 5)
    const reached: (number | null)[] = []
    await world.catalog.asTenant(tenant, async (session) => {
      for (let at = 0; at < 5; at++) reached.push(await spendQuota(session, 'runs'))
    })
    assert.deepEqual(reached, [null, null, null, 80, 100])
    const events = await world.admin<{ payload: object }>(
      `SELECT payload FROM outbox WHERE kind = 'quota.reached' ORDER BY id`,
    )
    assert.deepEqual(
      events.map(({ payload }) => payload),
      [
        { kind: 'runs', percent: 80, used: 4, most: 5 },
        { kind: 'runs', percent: 100, used: 5, most: 5 },
      ],
    )
  })

  test('usage is counted by day for each tenant alone', async () => {
    const world = open()
    const [one, other] = [
      await createTenant(world.catalog, 'one'),
      await createTenant(world.catalog, 'other'),
    ]
    const add = (amount: number) =>
      world.catalog.asSystem((session) =>
        addUsage(session, [
          { tenantId: one.id, kind: 'requests', amount },
          { tenantId: other.id, kind: 'requests', amount: 1 },
          { tenantId: 999_999, kind: 'requests', amount: 1 },
        ]),
      )
    await add(5)
    await add(7)
    await world.shiftClock(24 * 3_600_000)
    await add(1)
    await world.catalog.asTenant(one, async (session) => {
      await countUsage(session, 'tasks', 3)
      const days = await dailyUsage(session, 30)
      assert.deepEqual(
        days.map(({ counts }) => counts),
        [{ requests: 1, tasks: 3 }, { requests: 12 }],
      )
      assert.equal((await dailyUsage(session, 0)).length, 1)
    })
  })

  test('what is stored follows the files, and leaves as much room as the quota says', async () => {
    const world = open()
    const tenant = await createTenant(world.catalog, 'storing')
    await world.catalog.asTenant(tenant, async (session) => {
      await session.query(
        `INSERT INTO file (tenant_id, dataset, path, size_bytes, sha256, rows)
         SELECT $1, 'd', 'p' || i, 100, '', 1 FROM generate_series(1, 3) i`,
        [tenant.id],
      )
      assert.equal((await storedUsage(session)).bytes, 300)
      await session.query(
        `UPDATE file SET swept_at = millrace_now() WHERE tenant_id = $1 AND path = 'p1'`,
        [tenant.id],
      )
      assert.equal((await storedUsage(session)).bytes, 200)
    })
    await quota(world, tenant, 'storage', 250)
    await world.catalog.asTenant(tenant, async (session) => {
      await assertRoom(session, 50)
      await assert.rejects(assertRoom(session, 51), {
        code: 'quota-exceeded',
        message: 'this tenant may have 250 bytes of storage, and has used 200',
      })
    })
    await world.admin('DELETE FROM file')
    const { bytes } = await world.catalog.asTenant(tenant, storedUsage)
    assert.equal(bytes, 0)
  })
})
