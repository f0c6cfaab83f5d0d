import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
  claimCallbacks,
  settleCallback,
  sweepBackgroundTasks,
} from '#catalog/background-callbacks.ts'
import { endBackgroundTasks, extendLease, reportProgress } from '#catalog/background-ends.ts'
import { discardDeadLetters, retryDeadLetters } from '#catalog/background-steer.ts'
import { getBackgroundTask } from '#catalog/background-tasks.ts'
import { expireTasks, requeueAbandoned } from '#catalog/queue.ts'
import { cancelTask, endTasks, retryTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { leaseTasks, postTask } from '../../test/support/background-builders.ts'
import { claimBatch } from '../../test/support/catalog-builders.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const hook = 'https://example.com/hook'
const useless = {
  ...toErrorData(new MillraceError('task-worker-failed', { name: 'mail', message: 'no' })),
  retryable: false,
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('however a task ends, its caller is told once, in the transaction that ends it', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'one')
    const told = { callbackUrl: hook }
    const done = await postTask(catalog, tenant, { ...told, name: 'done' })
    const failed = await postTask(catalog, tenant, { ...told, name: 'failed' })
    const cancelled = await postTask(catalog, tenant, told)
    const late = await postTask(catalog, tenant, { ...told, startWithinMs: 60_000 })
    await postTask(catalog, tenant, { name: 'silent', startWithinMs: 60_000 })
    const lost = await postTask(catalog, tenant, {
      ...told,
      name: 'lost',
      timeoutMs: 30_000,
      retry: { attempts: 1 },
    })
    const [first] = await leaseTasks(catalog, tenant, 'done')
    const [second] = await leaseTasks(catalog, tenant, 'failed')
    await leaseTasks(catalog, tenant, 'lost')
    await catalog.asTenant(tenant, async (session) => {
      const fence = first?.fence ?? 0
      await endBackgroundTasks(session, [{ taskId: done, fence, state: 'done', result: '[1]' }])
      const lease = { taskId: failed, fence: second?.fence ?? 0 }
      await retryTasks(session, '', [{ ...lease, error: useless, delayMs: 0, alone: false }])
      await cancelTask(session, cancelled)
      await cancelTask(session, cancelled)
    })
    await assert.rejects(
      catalog.asTenant(tenant, async (session) => {
        await cancelTask(session, late)
        throw new Error('never mind')
      }),
    )
    await shiftClock(61_000)
    await catalog.asSystem(expireTasks)
    const callbacks = await catalog.asSystem((session) => claimCallbacks(session, 10, 1_000))
    assert.deepEqual(
      new Map(callbacks.map(({ taskId, taskState }) => [taskId, taskState])),
      new Map([
        [done, 'done'],
        [failed, 'failed'],
        [cancelled, 'cancelled'],
        [late, 'failed'],
        [lost, 'failed'],
      ]),
    )
    assert.equal(callbacks.length, 5)
    assert.equal(callbacks.find(({ taskId }) => taskId === done)?.result, '[1]')
  })

  test('a callback is one deliverer’s until its lease is over, and is given up after a day', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'one')
    const id = await postTask(catalog, tenant, { callbackUrl: hook })
    await catalog.asTenant(tenant, (session) => cancelTask(session, id))
    const take = () => catalog.asSystem((session) => claimCallbacks(session, 10, 60_000))
    const [first] = await take()
    assert.ok(first)
    assert.deepEqual(await take(), [])
    await shiftClock(60_001)
    const [second] = await take()
    assert.ok(second)
    const settle = (callback: typeof first, delayMs: number) =>
      catalog.asSystem((session) =>
        settleCallback(session, callback, { error: 'it slept', delayMs }),
      )
    assert.equal(await settle(first, 0), null)
    assert.equal(await settle(second, 5_000), 'waiting')
    assert.deepEqual(await take(), [])
    await shiftClock(86_000_000)
    const [third] = await take()
    assert.ok(third)
    assert.equal(await settle(third, 3_600_000), 'given-up')
    const task = await catalog.asTenant(tenant, (session) => getBackgroundTask(session, id))
    assert.deepEqual(task?.callback, {
      state: 'given-up',
      attempts: 3,
      error: 'it slept',
      nextAt: null,
    })
  })

  test('a dead letter that is tried again has all its attempts; one that is discarded is over', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'one')
    const id = await postTask(catalog, tenant, { retry: { attempts: 2 }, callbackUrl: hook })
    const failOnce = async () => {
      const [task] = await leaseTasks(catalog, tenant)
      await catalog.asTenant(tenant, (session) =>
        retryTasks(session, '', [
          { taskId: id, fence: task?.fence ?? 0, error: useless, delayMs: 0, alone: false },
        ]),
      )
    }
    const get = () => catalog.asTenant(tenant, (session) => getBackgroundTask(session, id))
    await failOnce()
    assert.equal((await get())?.state, 'failed')
    const again = (name: string) =>
      catalog.asTenant(tenant, (session) => retryDeadLetters(session, { name }))
    assert.deepEqual(await again('other'), [])
    assert.deepEqual(await again('mail'), [id])
    const ready = await get()
    assert.deepEqual(
      [ready?.state, ready?.endedAt, ready?.error, ready?.maxAttempts],
      ['ready', null, null, 3],
    )
    await failOnce()
    const discard = () => catalog.asTenant(tenant, (session) => discardDeadLetters(session, { id }))
    assert.deepEqual(await discard(), [id])
    assert.equal((await get())?.state, 'cancelled')
    assert.deepEqual(await discard(), [])
    // Each end is told: the first failure and the second one.
    const callbacks = await catalog.asSystem((session) => claimCallbacks(session, 10, 1_000))
    assert.deepEqual(
      callbacks.map(({ taskState }) => taskState),
      ['failed', 'failed'],
    )
  })

  test('progress and a longer lease are for the holder of the lease only', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'one')
    const taskId = await postTask(catalog, tenant)
    const [task] = await leaseTasks(catalog, tenant)
    const lease = { taskId, fence: task?.fence ?? 0 }
    const stale = { taskId, fence: lease.fence + 1 }
    await catalog.asTenant(tenant, async (session) => {
      assert.equal(await reportProgress(session, stale, { done: 9 }), false)
      assert.equal(await extendLease(session, stale, 60_000), null)
      assert.equal(await reportProgress(session, lease, { done: 1, total: 2 }), true)
      assert.equal((await extendLease(session, lease, 60_000))?.cancel, false)
      await cancelTask(session, taskId)
      assert.equal((await extendLease(session, lease, 60_000))?.cancel, true)
      const shown = await getBackgroundTask(session, taskId)
      assert.deepEqual([shown?.progress?.done, shown?.progress?.total], [1, 2])
      await endTasks(session, '', [{ ...lease, state: 'cancelled' }])
      assert.equal(await extendLease(session, lease, 60_000), null)
    })
  })

  test('what other services hold outlives the restart of a home, what its slots held does not', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'one')
    await postTask(catalog, tenant)
    await leaseTasks(catalog, tenant)
    const accepted = await postTask(catalog, tenant, { name: 'called', handler: 'call' })
    const calling = await postTask(catalog, tenant, { name: 'calling', handler: 'call' })
    const [first] = await claimBatch(catalog, { lanes: ['call/called/'] })
    await claimBatch(catalog, { lanes: ['call/calling/'] })
    await catalog.asTenant(tenant, (session) =>
      extendLease(
        session,
        { taskId: accepted, fence: first?.fence ?? 0 },
        60_000,
        'service called',
      ),
    )
    const resumed = await catalog.asSystem(requeueAbandoned)
    assert.deepEqual(
      resumed.map(({ taskId }) => taskId),
      [calling],
    )
  })

  test('what ended well long ago is swept with all that belongs to it, dead letters stay', async () => {
    const { catalog, admin, shiftClock } = open()
    const tenant = await createTenant(catalog, 'one')
    const old = await postTask(catalog, tenant, { callbackUrl: hook })
    const dead = await postTask(catalog, tenant, { startWithinMs: 1_000 })
    await postTask(catalog, tenant, { name: 'waiting' })
    await catalog.asTenant(tenant, (session) => cancelTask(session, old))
    await shiftClock(2_000)
    await catalog.asSystem(expireTasks)
    await shiftClock(100_000)
    const sweep = () => catalog.asSystem((session) => sweepBackgroundTasks(session, 60_000, 100))
    assert.equal(await sweep(), 1)
    assert.equal(await sweep(), 0)
    for (const table of ['background_task', 'task_callback']) {
      const rows = await admin(`SELECT FROM ${table} WHERE task_id = $1`, [old])
      assert.equal(rows.length, 0, table)
    }
    const task = await catalog.asTenant(tenant, (session) => getBackgroundTask(session, dead))
    assert.equal(task?.error?.code, 'task-not-begun')
  })
})
