import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { lanesOf } from '#catalog/queue.ts'
import { cancelTask, endTasks, releaseTasks } from '#catalog/task-ends.ts'
import { getTask } from '#catalog/tasks.ts'
import { createTenant } from '#catalog/tenants.ts'
import { listWorkers } from '#catalog/workers.ts'
import { startDispatcher, type Dispatcher, type Work } from '#factory/dispatcher.ts'
import { systemClock } from '#kernel/clock.ts'
import { silentLogger } from '#kernel/logger.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog, type TestCatalog } from '../../test/support/database.ts'

const LEASE_MS = 2_000

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a lease of two seconds is kept for as long as the work takes', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const [id = 0] = await post(open(), tenant, 1)
    const ended = Promise.withResolvers<ClaimedTask>()
    const dispatcher = start(open(), async ([task], signal) => {
      await systemClock.sleep(2.5 * LEASE_MS, signal)
      await end(open(), tenant, [task as ClaimedTask])
      ended.resolve(task as ClaimedTask)
    })
    assert.equal((await ended.promise).attempt, 1)
    await dispatcher.stop(1_000)
    assert.equal((await catalog.asTenant(tenant, (session) => getTask(session, id)))?.state, 'done')
  })

  test('a cancelled task is told to its worker, and tasks that were settled are not asked after', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const ids = await post(open(), tenant, 2)
    const stopped: [string, unknown][] = []
    const begun = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const dispatcher = start(open(), async (batch, signal, settle) => {
      const [task] = batch as [ClaimedTask]
      if (task.id === ids[0]) {
        // Ended before its work is over: the lease is gone, and that must stop nobody.
        await end(open(), tenant, [task])
        settle([task.id])
        await systemClock.sleep(LEASE_MS, signal).catch(() => {})
        stopped.push(['settled', signal.reason])
        return
      }
      begun.resolve()
      await systemClock.sleep(60_000, signal).catch(() => {})
      stopped.push(['cancelled', signal.reason])
      const leases = [{ taskId: task.id, fence: task.fence, state: 'cancelled' as const }]
      await catalog.asTenant(tenant, (session) => endTasks(session, '', leases))
      over.resolve()
    })
    await begun.promise
    const state = await catalog.asTenant(tenant, (session) => cancelTask(session, ids[1] ?? 0))
    assert.equal(state, 'running')
    await over.promise
    await dispatcher.stop(5_000)
    assert.deepEqual(Object.fromEntries(stopped), { settled: undefined, cancelled: 'cancelled' })
  })

  test('a worker shows itself, and is gone from the list after a clean stop', async () => {
    const { catalog } = open()
    const dispatcher = start(open(), async () => {})
    const listed = () => catalog.asSystem(listWorkers)
    while ((await listed()).length === 0) await systemClock.sleep(20)
    const [worker] = await listed()
    assert.deepEqual(
      [worker?.id, worker?.host, worker?.slots, worker?.state],
      ['w1', 'host', 2, 'running'],
    )
    await dispatcher.stop(1_000)
    assert.deepEqual(await listed(), [])
  })

  test('a delayed task starts when it is due, not at the next poll; what is not begun is given back', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await post(open(), tenant, 1, 400)
    const startedMs = systemClock.monotonicMs()
    const begun = Promise.withResolvers<number>()
    const dispatcher = start(open(), async (batch) => {
      begun.resolve(systemClock.monotonicMs() - startedMs)
      await release(open(), tenant, batch)
      dispatcher.stop(0).catch(() => {})
    })
    const ms = await begun.promise
    assert.ok(ms >= 390, `${ms} ms`)
    await dispatcher.stop(1_000)
  })

  test('of short tasks that are there in plenty the next batch is claimed ahead; a stop gives it back', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'acme')
    await post(open(), tenant, 3_000, 0, 256)
    const began: number[] = []
    let isHolding = false
    const dispatcher = start(open(), async (batch, signal, _settle, free) => {
      if (signal.aborted) return release(open(), tenant, batch)
      began.push(batch.length)
      if (!isHolding) {
        // A tenth of a millisecond each: the pace that lets batches grow.
        free(batch.length / 10)
        await end(open(), tenant, batch)
        isHolding = batch.length > 100
        return
      }
      await systemClock.sleep(60_000, signal).catch(() => {})
      await release(open(), tenant, batch)
    })
    const running = async () => {
      const [row] = await admin<{ tasks: number }>(
        `SELECT count(*)::int AS tasks FROM task WHERE state = 'running'`,
      )
      return row?.tasks ?? 0
    }
    // Two batches are held in the two slots; a third one is leased and has not begun.
    while ((await running()) <= 512) await systemClock.sleep(20)
    const begun = began.length
    await dispatcher.stop(0)
    assert.equal(began.length, begun, 'nothing begins after the stop')
    assert.equal(await running(), 0)
    const attempts = await admin(`SELECT FROM task WHERE state = 'ready' AND losses > 0`)
    assert.deepEqual(attempts, [])
  })

  test('few tasks are never claimed ahead, for other workers may have free slots', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'acme')
    await admin(`INSERT INTO task_pace (tenant_id, name, task_ms) VALUES ($1, 'mail', 100)`, [
      tenant.id,
    ])
    await post(open(), tenant, 7, 0, 256)
    const dispatcher = start(open(), async (batch, signal) => {
      await systemClock.sleep(60_000, signal).catch(() => {})
      await release(open(), tenant, batch)
    })
    const counts = () =>
      admin<{ state: string; tasks: number }>(
        `SELECT state, count(*)::int AS tasks FROM task GROUP BY state ORDER BY state`,
      )
    while (!(await counts()).some(({ state }) => state === 'running')) await systemClock.sleep(20)
    await systemClock.sleep(300)
    const seen = await counts()
    await dispatcher.stop(0)
    assert.deepEqual(seen, [
      { state: 'ready', tasks: 3 },
      { state: 'running', tasks: 4 },
    ])
  })

  test('a stop waits for a claim under way, and gives back what it brings', async () => {
    const { catalog, admin } = open()
    const tenant = await createTenant(catalog, 'acme')
    await post(open(), tenant, 1)
    const claimed = Promise.withResolvers<void>()
    const stopped = Promise.withResolvers<void>()
    const slow: Catalog = {
      ...catalog,
      async asSystem(work) {
        const answer = await catalog.asSystem(work)
        if (Array.isArray(answer) && answer.some((row) => 'fence' in row)) {
          claimed.resolve()
          await stopped.promise
        }
        return answer
      },
    }
    const dispatcher = start({ ...open(), catalog: slow }, async (batch, signal) => {
      await systemClock.sleep(60_000, signal).catch(() => {})
      await release(open(), tenant, batch)
    })
    await claimed.promise
    const stopping = dispatcher.stop(0)
    stopped.resolve()
    await stopping
    assert.deepEqual(await admin('SELECT state FROM task'), [{ state: 'ready' }])
  })
})

function start({ catalog }: TestCatalog, work: Work): Dispatcher {
  return startDispatcher(
    catalog,
    {
      worker: 'w1',
      slots: 2,
      leaseMs: LEASE_MS,
      lanes: lanesOf.slot,
      tags: [],
      about: { host: 'host', version: '1', parts: ['worker'] },
    },
    work,
    { clock: systemClock, log: silentLogger },
  )
}

async function end(
  { catalog }: TestCatalog,
  tenant: Tenant,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const ends = tasks.map(({ id, fence }) => ({ taskId: id, fence, state: 'done' as const }))
  await catalog.asTenant(tenant, (session) => endTasks(session, '', ends))
}

async function release(
  { catalog }: TestCatalog,
  tenant: Tenant,
  tasks: readonly ClaimedTask[],
): Promise<void> {
  const leases = tasks.map(({ id, fence }) => ({ taskId: id, fence }))
  await catalog.asTenant(tenant, (session) => releaseTasks(session, '', leases))
}

/** Background tasks of one name; returns their ids. */
async function post(
  { catalog }: TestCatalog,
  tenant: Tenant,
  count: number,
  delayMs = 0,
  batchMax = 1,
): Promise<number[]> {
  const rows = await catalog.asTenant(tenant, (session) =>
    session.query<{ id: number }>(
      `INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, handler, dataset, partition,
         conditional, forced, reason, batch_max, max_attempts, state, waiting, run_after)
       SELECT $1, nextval('task_id'), '', 0, 0, 'background', 'code', 'mail', 'x', false, false, '',
         $4, 3, 'ready', 0, CASE WHEN $2 > 0 THEN millrace_now() + $2 * interval '1 ms' END
       FROM generate_series(1, $3) RETURNING id::int`,
      [tenant.id, delayMs, count, batchMax],
    ),
  )
  return rows.map(({ id }) => id)
}
