import assert from 'node:assert/strict'
import { test } from 'node:test'

import { dataHealth, runsHealth } from '#catalog/health.ts'
import { listLimits, removeLimit, setLimit } from '#catalog/limits.ts'
import { sweepable, stockedTenants } from '#catalog/sweep.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { provideSettings, setOwnSettings } from '#catalog/tenant-settings.ts'
import { setTenantState } from '#catalog/tenant-states.ts'
import { createTenant } from '#catalog/tenants.ts'
import { declareFreshness } from '#catalog/trigger-queue.ts'
import { listTriggers } from '#catalog/triggers.ts'
import { toErrorData } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildPublishedRun,
  buildRun,
  buildTask,
  claimBatch,
} from '../../test/support/catalog-builders.ts'

const HOUR_MS = 3_600_000

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('tenants with files are found page by page, each with how long it keeps former versions', async () => {
    const { catalog } = open()
    const made: Tenant[] = []
    for (const slug of ['a', 'empty', 'b', 'c', 'd']) made.push(await createTenant(catalog, slug))
    const [a, , b, c, d] = made as [Tenant, Tenant, Tenant, Tenant, Tenant]
    for (const tenant of [a, b, c, d]) await buildPublishedRun(catalog, tenant)
    const keep = (tenant: Tenant, versionsDays: number) =>
      catalog.asTenant(tenant, (session) =>
        setOwnSettings(session, { retention: { versionsDays, runsDays: null, logsDays: null } }),
      )
    await keep(b, 7)
    await keep(c, 90)
    for (const tenant of [c, d]) {
      await catalog.asSystem((s) => provideSettings(s, tenant.id, { keepDaysMax: 14 }))
    }
    const page = async (after: number) =>
      (await catalog.asSystem((s) => stockedTenants(s, { after, limit: 2, defaultDays: 30 }))).map(
        ({ tenant, keepDays }) => [tenant.slug, keepDays],
      )
    assert.deepEqual(await page(0), [
      ['a', 30],
      ['b', 7],
    ])
    assert.deepEqual(await page(b.id), [
      ['c', 14],
      ['d', 14],
    ])
    assert.deepEqual(await page(d.id), [])
    const ripe = await catalog.asTenant(a, (s) => sweepable(s, { keepFormerMs: 0 }))
    assert.deepEqual(ripe, [])
  })

  test('rules of definitions reach those that have the dataset and its pack, some tenants at a time', async () => {
    const { catalog } = open()
    const made: Tenant[] = []
    for (const slug of ['a', 'empty', 'b', 'c', 'd']) made.push(await createTenant(catalog, slug))
    const [a, empty, b, c, d] = made as [Tenant, Tenant, Tenant, Tenant, Tenant]
    for (const tenant of [a, b, c, d]) await buildPublishedRun(catalog, tenant)
    await catalog.asSystem((s) => provideSettings(s, b.id, { packs: ['other'] }))
    await catalog.asSystem((s) => setTenantState(s, c.id, 'suspended', 'unpaid'))
    const rules = [{ dataset: 'events', maxAgeMs: HOUR_MS, pack: 'events' }]
    const declare = (after: number, given = rules) =>
      catalog.asSystem((s) => declareFreshness(s, given, after, 3))
    const named = async (tenant: Tenant) =>
      (await catalog.asTenant(tenant, (s) => listTriggers(s, 'freshness'))).map(({ name }) => name)
    const next = await declare(0)
    assert.equal(next, c.id)
    assert.deepEqual([await named(a), await named(d)], [['events'], []])
    assert.equal(await declare(next), null)
    assert.deepEqual(
      [await named(a), await named(empty), await named(b), await named(c), await named(d)],
      [['events'], [], [], [], ['events']],
    )
    assert.equal(await declare(0, []), null)
    assert.deepEqual([await named(a), await named(d)], [[], []])
  })

  test('health tells of stuck runs and troubled partitions, whoever has them', async () => {
    const { catalog, shiftClock } = open()
    const acme = await createTenant(catalog, 'acme')
    const beta = await createTenant(catalog, 'beta')
    await buildPublishedRun(catalog, acme)
    const { runId } = await buildRun(catalog, beta, [buildTask('a', '1'), buildTask('b', '2')])
    const [task] = await claimBatch(catalog)
    assert.ok(task)
    const error = toErrorData(new Error('no'))
    await catalog.asTenant(beta, (session) =>
      endTasks(session, runId, [{ taskId: task.id, fence: task.fence, state: 'failed', error }]),
    )
    const runs = () => catalog.asSystem((s) => runsHealth(s, { idleMs: HOUR_MS, named: 3 }))
    assert.deepEqual(await runs(), { running: 1, stuck: 0, named: [] })
    await shiftClock(2 * HOUR_MS)
    assert.deepEqual(await runs(), { running: 1, stuck: 1, named: [`${runId} (beta)`] })
    assert.deepEqual(await catalog.asSystem((s) => dataHealth(s, { most: 100, named: 3 })), {
      published: 2,
      troubled: 1,
      named: ['beta a 1 failed'],
    })
    await catalog.asSystem((s) => setTenantState(s, beta.id, 'suspended', 'unpaid'))
    assert.deepEqual(await runs(), { running: 0, stuck: 0, named: [] })
  })

  test('a rate that is used up holds its tenant back until it is raised, and shows in its list only', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme')
    const beta = await createTenant(catalog, 'beta')
    const limit = (tenant: Tenant, max: number) =>
      catalog.asTenant(tenant, (session) =>
        setLimit(
          session,
          { scope: 'tenant', value: '', rate: { max, ms: 24 * HOUR_MS } },
          'operator',
        ),
      )
    await limit(acme, 1)
    await limit(beta, 9)
    const tasks = ['1', '2', '3'].map((key) => buildTask('a', key, [], { batchMax: 1 }))
    await buildRun(catalog, acme, tasks)
    const begin = async () => (await claimBatch(catalog))[0]?.partition
    assert.deepEqual([await begin(), await begin()], ['1', undefined])
    const [shown, ...others] = await catalog.asSystem((s) => listLimits(s, acme.id))
    assert.deepEqual([shown?.tenant, shown?.startsLeft, others.length], ['acme', 0, 0])
    await limit(acme, 2)
    assert.deepEqual([await begin(), await begin()], ['2', undefined])
    await catalog.asTenant(acme, (session) => removeLimit(session, 'tenant', '', 'operator'))
    assert.equal(await begin(), '3')
  })
})
