import assert from 'node:assert/strict'
import { test } from 'node:test'

import { heartbeat, nextWakeMs, expireTasks } from '#catalog/queue.ts'
import { listAttempts } from '#catalog/attempts.ts'
import { cancelRun, getRun } from '#catalog/runs.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { listTasks } from '#catalog/tasks.ts'
import { createTenant } from '#catalog/tenants.ts'
import { systemClock } from '#kernel/clock.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a batch holds tasks of one dataset and kind, in the order of the plan, within its limits', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [
      ...['1', '2', '3'].map((key) => buildTask('b', key)),
      buildTask('a', '4'),
      buildTask('a', '5', [], { kind: 'expand' }),
      buildTask('c', '6', [], { batchMax: 1 }),
      buildTask('c', '7', [], { batchMax: 1 }),
    ])
    const batches: string[] = []
    for (;;) {
      const batch = await claimBatch(catalog, { maxTasks: 2 })
      if (batch.length === 0) break
      assert.equal(new Set(batch.map(({ fence }) => fence)).size, 1)
      batches.push(batch.map(({ partition }) => partition).join('+'))
    }
    assert.deepEqual(batches, ['1+2', '3', '4', '5', '6', '7'])
  })

  test('a higher priority goes first, then the older run', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [buildTask('a', 'old')])
    await buildRun(catalog, tenant, [
      buildTask('a', 'new'),
      buildTask('b', 'urgent', [], { priority: 5 }),
    ])
    const order: (string | undefined)[] = []
    for (let turn = 0; turn < 3; turn++) order.push((await claimBatch(catalog))[0]?.partition)
    assert.deepEqual(order, ['urgent', 'old', 'new'])
  })

  test('tenants take turns, and the one with fewer busy slots comes first', async () => {
    const { catalog, setClock } = open()
    await setClock(1_000_000_000_000)
    const [big, small] = [await createTenant(catalog, 'big'), await createTenant(catalog, 'small')]
    const many = Array.from({ length: 6 }, (_, index) =>
      buildTask('a', `${index}`, [], { batchMax: 1 }),
    )
    await buildRun(catalog, big, many)
    await buildRun(catalog, small, many.slice(0, 2))
    const order: string[] = []
    const busy = []
    for (let turn = 0; turn < 5; turn++) {
      const [task] = await claimBatch(catalog)
      order.push(task?.tenantSlug ?? '')
      busy.push(task)
    }
    assert.deepEqual(
      order,
      ['big', 'small', 'big', 'small', 'big'],
      'the big one alone gets the rest',
    )
  })

  test('equal tenants take turns on one slot', async () => {
    const { catalog } = open()
    const [a, b] = [await createTenant(catalog, 'a'), await createTenant(catalog, 'b')]
    const tasks = ['1', '2'].map((key) => buildTask('x', key, [], { batchMax: 1 }))
    await buildRun(catalog, a, tasks)
    await buildRun(catalog, b, tasks)
    const order: string[] = []
    for (let turn = 0; turn < 4; turn++) {
      const batch = await claimBatch(catalog)
      order.push(batch[0]?.tenantSlug ?? '')
      const tenant = batch[0]?.tenantId === a.id ? a : b
      await publishBatch(catalog, tenant, batch)
    }
    assert.deepEqual(order, ['a', 'b', 'a', 'b'])
  })

  test('a heartbeat renews what is ours, and tells what is lost or to be stopped', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [buildTask('a', '1'), buildTask('b', '2')])
    const [[first], [second]] = [await claimBatch(catalog), await claimBatch(catalog)]
    const leases = [first, second].map((task) => ({
      taskId: task?.id ?? 0,
      fence: task?.fence ?? 0,
    }))
    const beat = () => catalog.asSystem((session) => heartbeat(session, leases, 60_000))
    assert.deepEqual(await beat(), { lost: [], cancel: [] })
    await shiftClock(50_000)
    assert.deepEqual(await beat(), { lost: [], cancel: [] })
    await shiftClock(100_000)
    assert.deepEqual(await catalog.asSystem(expireTasks), [], 'the second heartbeat counted')
    const [lease] = leases
    await catalog.asTenant(tenant, (session) =>
      endTasks(session, runId, lease ? [{ ...lease, state: 'done' }] : []),
    )
    await catalog.asTenant(tenant, (session) => cancelRun(session, runId))
    assert.deepEqual(await beat(), { lost: [first?.id], cancel: [second?.id] })
  })

  test('a lease that ran out passes on without using up an attempt, and the tenth lost worker ends the task', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('a', '1', [], { maxAttempts: 2 }),
      buildTask('b', '2', [0]),
    ])
    const [taskId = 0] = taskIds
    let now = 0
    for (let losses = 1; losses <= 10; losses++) {
      const [task] = await claimBatch(catalog, { worker: 'gone', leaseMs: 1_000 })
      assert.deepEqual([task?.id, task?.attempt], [taskId, losses])
      await shiftClock((now += 1_001))
      const [lost] = await catalog.asSystem(expireTasks)
      assert.deepEqual([lost?.taskId, lost?.cause, lost?.ended], [taskId, 'silent', losses === 10])
      if (losses > 1 && losses < 10) {
        assert.deepEqual(await claimBatch(catalog), [], 'it is put off')
      }
      await shiftClock((now += 60_000))
    }
    await catalog.asTenant(tenant, async (session) => {
      const attempts = await listAttempts(session, taskId)
      assert.deepEqual(
        attempts.map(({ state }) => state),
        Array.from({ length: 10 }, () => 'lost'),
      )
      assert.match(
        attempts[0]?.error?.message ?? '',
        /worker gone stopped answering in attempt 1 of a 1/,
      )
      const [first, second] = await listTasks(session, { runId, limit: 10 })
      assert.equal(
        first?.error,
        'a 1 was begun 10 times by workers that stopped answering, last by gone',
      )
      assert.deepEqual([first?.state, second?.state], ['failed', 'skipped'])
      assert.equal((await getRun(session, runId))?.state, 'failed')
    })
  })

  test('the next wake-up is when a lease runs out or a delay is over', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    assert.equal(await catalog.asSystem(nextWakeMs), null)
    await buildRun(catalog, tenant, [buildTask('a', '1')])
    await claimBatch(catalog, { leaseMs: 30_000 })
    const ms = (await catalog.asSystem(nextWakeMs)) ?? 0
    assert.ok(ms > 20_000 && ms <= 30_000, `${ms}`)
  })

  test('whoever listens is told when tasks become ready', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const told: PromiseWithResolvers<void>[] = []
    const next = () => {
      const one = Promise.withResolvers<void>()
      told.push(one)
      return one.promise
    }
    const stop = catalog.onReady(() => told.shift()?.resolve())
    const first = next()
    // Listening begins in the background; a notice that came too early is not an error.
    let heard = false
    void first.then(() => (heard = true))
    while (!heard) {
      await buildRun(catalog, tenant, [buildTask('a', '1')])
      await systemClock.sleep(20)
    }
    const second = next()
    await buildRun(catalog, tenant, [buildTask('a', '1')])
    await second
    stop()
  })

  test('eight claimers at once never get the same task', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const tasks = Array.from({ length: 400 }, (_, index) => buildTask('a', `${index}`))
    const { taskIds } = await buildRun(catalog, tenant, tasks)
    const claimed: number[] = []
    const claimer = async () => {
      for (;;) {
        const batch = await claimBatch(catalog, { maxTasks: 7 })
        if (batch.length === 0) return
        claimed.push(...batch.map(({ id }) => id))
      }
    }
    await Promise.all(Array.from({ length: 8 }, claimer))
    assert.deepEqual(
      claimed.toSorted((a, b) => a - b),
      taskIds,
    )
  })
})
