import assert from 'node:assert/strict'
import { test } from 'node:test'

import { appendLogs, readLogs } from '#catalog/logs.ts'
import { setLimit, setWeight } from '#catalog/limits.ts'
import { getRun } from '#catalog/runs.ts'
import { sweepHistory } from '#catalog/sweep.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { provideSettings, setOwnSettings, tenantSettings } from '#catalog/tenant-settings.ts'
import { setTenantState, tenantStanding } from '#catalog/tenant-states.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { listTasks } from '#catalog/tasks.ts'
import {
  addTenant,
  countTenants,
  createTenant,
  listTenants,
  pageTenants,
  tenantBySlug,
  tenantsBySlug,
  type TenantPage,
} from '#catalog/tenants.ts'
import { whyTask } from '#catalog/why.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import { leaseTasks, postTask } from '../../test/support/background-builders.ts'
import { buildRun, buildTask, claimBatch } from '../../test/support/catalog-builders.ts'

const DAY_MS = 86_400_000

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('tenants are listed page by page, by prefix and by state, with their share', async () => {
    const { catalog } = open()
    for (const slug of ['b-2', 'a', 'b-1', 'c', 'b']) await createTenant(catalog, slug)
    const b = await tenantBySlug(catalog, 'b')
    assert.ok(b)
    await catalog.asSystem((session) => setWeight(session, b.id, 300))
    await catalog.asTenant(b, (session) =>
      setLimit(session, { scope: 'tenant', value: '', runningMax: 4 }, 'operator'),
    )
    await catalog.asSystem((session) => setTenantState(session, b.id, 'suspended', 'unpaid'))
    const slugs = async (asked: Partial<TenantPage>) =>
      (await catalog.asSystem((session) => pageTenants(session, { limit: 10, ...asked }))).map(
        ({ tenant }) => tenant.slug,
      )
    assert.deepEqual(await slugs({}), ['a', 'b', 'b-1', 'b-2', 'c'])
    assert.deepEqual(await slugs({ limit: 2, after: 'b' }), ['b-1', 'b-2'])
    assert.deepEqual(await slugs({ prefix: 'b' }), ['b', 'b-1', 'b-2'])
    assert.deepEqual(await slugs({ prefix: 'b', after: 'b-1' }), ['b-2'])
    assert.deepEqual(await slugs({ state: 'suspended' }), ['b'])
    const [, entry] = await catalog.asSystem((session) => pageTenants(session, { limit: 2 }))
    assert.deepEqual(
      [entry?.name, entry?.state, entry?.weight, entry?.limit],
      ['b', 'suspended', 300, 4],
    )
    assert.equal((await listTenants(catalog, 'active')).length, 4)
    assert.equal((await tenantsBySlug(catalog, ['a', 'nobody', 'c'])).length, 2)
  })

  test('tenants are counted by state as they come, move and fail to come', async () => {
    const { catalog } = open()
    const counts = () => catalog.asSystem(countTenants)
    assert.deepEqual(await counts(), {})
    const acme = await createTenant(catalog, 'acme')
    await createTenant(catalog, 'beta')
    await catalog.asSystem((session) => setTenantState(session, acme.id, 'suspended', 'unpaid'))
    await catalog.asSystem((session) => setTenantState(session, acme.id, 'suspended', 'still'))
    assert.deepEqual(await counts(), { active: 1, suspended: 1 })
    await assert.rejects(
      catalog.asSystem(async (session) => {
        await addTenant(session, 'gamma')
        throw new Error('no')
      }),
      /no/,
    )
    assert.deepEqual(await counts(), { active: 1, suspended: 1 })
  })

  test('what is written within a new tenant stands under row-level security, all of it or nothing', async () => {
    const { catalog } = open()
    const other = await createTenant(catalog, 'other')
    const make = (slug: string, fails: boolean) =>
      catalog.asSystem(async (system) => {
        const tenant = await addTenant(system, slug)
        await withinTenant(system, tenant, async (session) => {
          await setOwnSettings(session, { name: 'Acme & Söhne', timeZone: 'Europe/Vienna' })
          const seen = await session.query<{ id: number }>('SELECT id FROM tenant')
          assert.deepEqual(seen, [{ id: tenant.id }])
        })
        // The system's own rights are back: it sees no table, and calls its functions.
        await provideSettings(system, tenant.id, { packs: ['events'], keepDaysMax: 90 })
        if (fails) throw new Error('no')
        return tenant
      })
    await assert.rejects(make('half', true), /no/)
    assert.equal(await tenantBySlug(catalog, 'half'), null)
    const acme = await make('acme', false)
    const settings = await catalog.asTenant(acme, tenantSettings)
    assert.deepEqual(
      [settings.name, settings.timeZone, settings.packs, settings.keepDaysMax],
      ['Acme & Söhne', 'Europe/Vienna', ['events'], 90],
    )
    assert.equal((await catalog.asTenant(other, tenantSettings)).name, 'other')
    await assert.rejects(
      catalog.asSystem(async (system) => {
        await withinTenant(system, acme, async () => {})
        await system.query('SELECT * FROM tenant')
      }),
      { code: '42501' },
    )
  })

  test('of a suspended tenant nothing is claimed, by us or by its own workers, until it goes on', async () => {
    const { catalog } = open()
    const acme = await createTenant(catalog, 'acme')
    const beta = await createTenant(catalog, 'beta')
    await buildRun(catalog, acme, [buildTask('a', '1'), buildTask('b', '2')])
    const [running] = await claimBatch(catalog)
    const waiting = await postTask(catalog, acme)
    const move = (state: 'active' | 'suspended', reason: string | null) =>
      catalog.asSystem((session) => setTenantState(session, acme.id, state, reason))
    assert.equal(await move('suspended', 'unpaid'), 'active')
    assert.deepEqual(await catalog.asSystem((s) => tenantStanding(s, acme.id)), {
      state: 'suspended',
      reason: 'unpaid',
    })
    await buildRun(catalog, beta, [buildTask('a', '3')])
    assert.equal((await claimBatch(catalog))[0]?.tenantSlug, 'beta')
    assert.deepEqual(await claimBatch(catalog), [])
    assert.deepEqual(await leaseTasks(catalog, acme), [])
    const why = await catalog.asSystem((session) => whyTask(session, acme.id, waiting))
    assert.deepEqual(why?.reason === 'paused' && [why.scope, why.everywhere, why.because], [
      'tenant',
      false,
      'unpaid',
    ])
    // What runs may end.
    await catalog.asTenant(acme, (session) =>
      endTasks(session, running?.runId ?? '', [
        { taskId: running?.id ?? 0, fence: running?.fence ?? 0, state: 'done' },
      ]),
    )
    assert.equal(await move('active', null), 'suspended')
    assert.equal((await claimBatch(catalog))[0]?.partition, '2')
    assert.equal((await leaseTasks(catalog, acme)).length, 1)
    assert.equal(await catalog.asSystem((s) => setTenantState(s, 0, 'active', null)), null)
  })

  test('tasks and logs of ended runs are kept as long as the tenant says; the run stays', async () => {
    const { catalog, shiftClock } = open()
    const acme = await createTenant(catalog, 'acme')
    const beta = await createTenant(catalog, 'beta')
    const ended = async (tenant: typeof acme) => {
      const { runId } = await buildRun(catalog, tenant, [buildTask('a', '1')])
      const [task] = await claimBatch(catalog)
      assert.ok(task)
      await catalog.asTenant(tenant, async (session) => {
        await appendLogs(session, [
          { taskId: task.id, attempt: 1, at: new Date(), level: 'info', message: 'hello' },
        ])
        await endTasks(session, runId, [{ taskId: task.id, fence: task.fence, state: 'done' }])
      })
      return { runId, taskId: task.id }
    }
    const old = await ended(acme)
    const others = await ended(beta)
    const running = await buildRun(catalog, acme, [buildTask('a', '2')])
    const left = async (tenant: typeof acme, { runId, taskId }: typeof old) =>
      catalog.asTenant(tenant, async (session) => [
        (await listTasks(session, { runId, limit: 10 })).length,
        (await readLogs(session, taskId, { limit: 10 })).length,
      ])
    const sweep = () => catalog.asSystem((session) => sweepHistory(session, 10))
    const retention = { versionsDays: null, runsDays: 30, logsDays: 5 }
    await catalog.asTenant(acme, (session) => setOwnSettings(session, { retention }))

    await shiftClock(4 * DAY_MS)
    assert.equal(await sweep(), 0)
    await shiftClock(6 * DAY_MS)
    assert.equal(await sweep(), 1)
    assert.deepEqual(await left(acme, old), [1, 0])
    assert.equal(await sweep(), 0)
    await shiftClock(31 * DAY_MS)
    assert.equal(await sweep(), 1)
    assert.deepEqual(await left(acme, old), [0, 0])
    const run = await catalog.asTenant(acme, (session) => getRun(session, old.runId))
    assert.equal(run?.state, 'done')
    assert.equal((await left(acme, { ...old, runId: running.runId }))[0], 1)
    assert.deepEqual(await left(beta, others), [1, 1])
    await catalog.asSystem((session) => provideSettings(session, beta.id, { keepDaysMax: 10 }))
    assert.equal(await sweep(), 1)
    assert.deepEqual(await left(beta, others), [0, 0])
  })
})
