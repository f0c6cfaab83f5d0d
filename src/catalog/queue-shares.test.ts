import assert from 'node:assert/strict'
import { test } from 'node:test'

import { setWeight } from '#catalog/limits.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import type { SlotUse } from '#catalog/queue.ts'
import { seededRandom } from '#kernel/random.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'
import { claimBatch } from '../../test/support/catalog-builders.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  for (const slots of [1, 2, 4, 8]) {
    test(`weights of 3 to 1 get 3 to 1 of ${slots} ${slots === 1 ? 'slot' : 'slots'}`, async () => {
      const { catalog } = open()
      const [heavy, light] = [
        await createTenant(catalog, 'heavy'),
        await createTenant(catalog, 'light'),
      ]
      await catalog.asSystem((session) => setWeight(session, heavy.id, 300))
      await post(open(), heavy, 70 * slots)
      await post(open(), light, 40 * slots)
      const shared = await work(open(), [heavy, light], slots, { untilMs: 2_500 })
      const ratio = (shared.get(heavy.id) ?? 0) / (shared.get(light.id) ?? 1)
      assert.ok(ratio > 2.7 && ratio < 3.3, `a ratio of ${ratio.toFixed(2)}`)
    })
  }

  test('a tenant alone has every slot all the time', async () => {
    const { catalog } = open()
    const alone = await createTenant(catalog, 'alone')
    await createTenant(catalog, 'idle')
    await post(open(), alone, 100)
    const used = await work(open(), [alone], 4, { untilMs: 600 })
    assert.equal(used.get(alone.id), 4 * 600)
  })
})

/** Slots that work on a virtual clock; tasks of heavy tenants take longer. Returns slot time by tenant. */
async function work(
  { catalog, setClock }: TestCatalog,
  tenants: readonly Tenant[],
  slots: number,
  { untilMs }: { readonly untilMs: number },
): Promise<Map<number, number>> {
  const random = seededRandom(7)
  const startMs = 1_600_000_000_000
  const used = new Map<number, number>()
  const running: { task: ClaimedTask; fromMs: number; untilMs: number }[] = []
  const told: SlotUse[] = []
  let nowMs = 0
  while (nowMs < untilMs) {
    await setClock(startMs + nowMs)
    while (running.length < slots) {
      const [task] = await claimBatch(catalog, { maxTasks: 1, used: told.splice(0) })
      if (!task) break
      const longer = task.tenantId === tenants[0]?.id ? 2 : 1
      const ms = Math.round((10 + 20 * random.next()) * longer)
      running.push({ task, fromMs: nowMs, untilMs: nowMs + ms })
    }
    running.sort((a, b) => a.untilMs - b.untilMs)
    const next = running.shift()
    if (!next) break
    nowMs = Math.min(next.untilMs, untilMs)
    const { task } = next
    const slotMs = nowMs - next.fromMs
    used.set(task.tenantId, (used.get(task.tenantId) ?? 0) + slotMs)
    told.push({ tenantId: task.tenantId, name: null, slotMs, tasks: 1 })
    const tenant = tenants.find(({ id }) => id === task.tenantId) as Tenant
    const leases = [{ taskId: task.id, fence: task.fence, state: 'done' as const }]
    await setClock(startMs + nowMs)
    await catalog.asTenant(tenant, (session) => endTasks(session, '', leases))
  }
  for (const { task, fromMs } of running) {
    used.set(task.tenantId, (used.get(task.tenantId) ?? 0) + untilMs - fromMs)
  }
  return used
}

async function post({ catalog }: TestCatalog, tenant: Tenant, count: number): Promise<void> {
  await catalog.asTenant(tenant, (session) =>
    session.query(
      `INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, handler, dataset, partition,
         conditional, forced, reason, batch_max, max_attempts, state, waiting)
       SELECT $1, nextval('task_id'), '', 0, 0, 'background', 'code', 'mail', 'x', false, false, '',
         1, 3, 'ready', 0 FROM generate_series(1, $2)`,
      [tenant.id, count],
    ),
  )
}
