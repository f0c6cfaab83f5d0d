import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Catalog } from '#catalog/catalog.ts'
import { addTasks } from '#catalog/enqueue.ts'
import { runProgress } from '#catalog/run-progress.ts'
import { cancelRun, getRun } from '#catalog/runs.ts'
import { endTasks, releaseTasks, retryTasks, type TaskEnd } from '#catalog/task-ends.ts'
import { listTasks } from '#catalog/tasks.ts'
import { createTenant } from '#catalog/tenants.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'

const passing = toErrorData(
  new MillraceError('catalog-unreachable', { place: 'x', message: 'gone' }),
)

function end(
  catalog: Catalog,
  tenant: Tenant,
  batch: readonly ClaimedTask[],
  state: TaskEnd['state'],
): Promise<void> {
  const ends = batch.map(({ id, fence }) => ({ taskId: id, fence, state }))
  return catalog.asTenant(tenant, (session) => endTasks(session, batch[0]?.runId ?? '', ends))
}

function retry(
  catalog: Catalog,
  tenant: Tenant,
  batch: readonly ClaimedTask[],
  more: { delayMs?: number; alone?: boolean; retryable?: boolean } = {},
): Promise<{ retried: number[]; failed: number[] }> {
  const { delayMs = 0, alone = false, retryable = true } = more
  return catalog.asTenant(tenant, (session) =>
    retryTasks(
      session,
      batch[0]?.runId ?? '',
      batch.map(({ id, fence }) => ({
        taskId: id,
        fence,
        delayMs,
        alone,
        error: { ...passing, retryable },
      })),
    ),
  )
}

async function states(catalog: Catalog, tenant: Tenant, runId: string): Promise<string[]> {
  const tasks = await catalog.asTenant(tenant, (session) =>
    listTasks(session, { runId, limit: 100 }),
  )
  return tasks.map(({ partition, state }) => `${partition} ${state}`)
}

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a task is ready when everything that it waits for has ended well', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('days', '1', [], { batchMax: 1 }),
      buildTask('days', '2', [], { batchMax: 1 }),
      buildTask('months', 'm', [0, 1, 1]),
    ])
    await publishBatch(catalog, tenant, await claimBatch(catalog))
    assert.deepEqual(await states(catalog, tenant, runId), ['1 done', '2 ready', 'm waiting'])
    await end(catalog, tenant, await claimBatch(catalog), 'unchanged')
    assert.deepEqual(await states(catalog, tenant, runId), ['1 done', '2 unchanged', 'm ready'])
    await end(catalog, tenant, await claimBatch(catalog), 'unchanged')
    const run = await catalog.asTenant(tenant, (session) => getRun(session, runId))
    assert.equal(run?.state, 'done')
  })

  test('what needs a failed task is skipped, however far away, and told which one it was', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('a', '1'),
      buildTask('b', '2', [0]),
      buildTask('c', '3', [1]),
      buildTask('d', '4', [], { afterEnd: [0] }),
      buildTask('e', '5', [2, 3]),
      buildTask('f', '6', [], { afterEnd: [2] }),
    ])
    await end(catalog, tenant, await claimBatch(catalog), 'failed')
    assert.deepEqual(
      await states(catalog, tenant, runId),
      '1 failed, 2 skipped, 3 skipped, 4 ready, 5 skipped, 6 ready'.split(', '),
    )
    const { failures, run } = await catalog.asTenant(tenant, (session) =>
      runProgress(session, runId),
    )
    assert.equal(run.state, 'running')
    assert.match(failures.at(-1)?.error?.message ?? '', /because a 1, which it needs, is failed/)
    await end(catalog, tenant, await claimBatch(catalog), 'unchanged')
    await end(catalog, tenant, await claimBatch(catalog), 'unchanged')
    const ended = await catalog.asTenant(tenant, (session) => getRun(session, runId))
    assert.equal(ended?.state, 'failed')
  })

  test('a stale fencing number ends nothing', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [buildTask('days', '1')])
    const first = await claimBatch(catalog)
    await retry(catalog, tenant, first)
    const second = await claimBatch(catalog)
    assert.equal(second[0]?.attempt, 2)
    await assert.rejects(end(catalog, tenant, first, 'done'), { code: 'lease-lost' })
    await assert.rejects(retry(catalog, tenant, first), { code: 'lease-lost' })
    await end(catalog, tenant, second, 'done')
  })

  test('a retry comes after its delay, alone if asked, and fails after the last attempt', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('days', '1', [], { maxAttempts: 2 }),
      buildTask('days', '2', [], { maxAttempts: 2 }),
    ])
    const both = await claimBatch(catalog)
    assert.equal(both.length, 2)
    const { retried } = await retry(catalog, tenant, both, { delayMs: 60_000, alone: true })
    assert.deepEqual(
      retried,
      both.map(({ id }) => id),
    )
    assert.deepEqual(await claimBatch(catalog), [])
    await shiftClock(60_001)
    const one = await claimBatch(catalog)
    assert.deepEqual(
      one.map(({ partition, attempt }) => [partition, attempt]),
      [['1', 2]],
    )
    const last = await retry(catalog, tenant, one)
    assert.deepEqual(last, { retried: [], failed: [one[0]?.id] })
    assert.deepEqual(await states(catalog, tenant, runId), ['1 failed', '2 ready'])
  })

  test('an error that no retry helps fails at once', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [buildTask('days', '1')])
    await retry(catalog, tenant, await claimBatch(catalog), { retryable: false })
    assert.deepEqual(await states(catalog, tenant, runId), ['1 failed'])
  })

  test('a task given back untried has all its attempts left', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('days', '1', [], { maxAttempts: 1 }),
    ])
    const batch = await claimBatch(catalog)
    await catalog.asTenant(tenant, (session) =>
      releaseTasks(
        session,
        runId,
        batch.map(({ id, fence }) => ({ taskId: id, fence })),
      ),
    )
    const again = await claimBatch(catalog)
    assert.equal(again[0]?.attempt, 2)
    await retry(catalog, tenant, again)
    assert.deepEqual(await states(catalog, tenant, runId), ['1 failed'])
  })

  test('cancelling ends what waits; what runs ends the run when it stops', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('a', '1', [], { batchMax: 1 }),
      buildTask('a', '2', [], { batchMax: 1 }),
      buildTask('b', '3', [0, 1]),
    ])
    const running = await claimBatch(catalog)
    const asked = await catalog.asTenant(tenant, (session) => cancelRun(session, runId))
    assert.equal(asked.state, 'running')
    const { datasets, cancelling } = await catalog.asTenant(tenant, (session) =>
      runProgress(session, runId),
    )
    assert.equal(cancelling, true)
    assert.deepEqual(
      datasets.map(({ counts }) => [
        counts.running,
        counts.ready,
        counts.waiting,
        counts.cancelled,
      ]),
      [
        [1, 0, 0, 1],
        [0, 0, 0, 1],
      ],
    )
    assert.deepEqual(
      await catalog.asTenant(tenant, (session) => addTasks(session, runId, [buildTask('c', '4')])),
      [],
    )
    await retry(catalog, tenant, running)
    assert.deepEqual(await states(catalog, tenant, runId), [
      '1 cancelled',
      '2 cancelled',
      '3 cancelled',
    ])
    assert.equal(
      (await catalog.asTenant(tenant, (session) => getRun(session, runId)))?.state,
      'cancelled',
    )
  })

  test('tasks that come later wait for earlier ones, or are skipped with them', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('a', 'good', [], { batchMax: 1 }),
      buildTask('a', 'bad', [], { batchMax: 1 }),
      buildTask('x', 'expand', [], { kind: 'expand' }),
      buildTask('y', 'open', [2]),
    ])
    const [good, bad, , later] = taskIds as [number, number, number, number]
    await end(catalog, tenant, await claimBatch(catalog), 'done')
    await end(catalog, tenant, await claimBatch(catalog), 'failed')
    const expand = await claimBatch(catalog)
    await catalog.asTenant(tenant, async (session) => {
      await addTasks(session, runId, [
        buildTask('z', 'after good', [], { afterTasks: [good] }),
        buildTask('z', 'after bad', [], { afterTasks: [good, bad] }),
        buildTask('z', 'after open', [0], { afterTasks: [later] }),
        buildTask('z', 'after both', [1]),
      ])
      const ends = expand.map(({ id, fence }) => ({ taskId: id, fence, state: 'done' as const }))
      await endTasks(session, runId, ends)
    })
    assert.deepEqual((await states(catalog, tenant, runId)).slice(2), [
      'expand done',
      'open ready',
      'after good ready',
      'after bad skipped',
      'after open waiting',
      'after both skipped',
    ])
    const { datasets } = await catalog.asTenant(tenant, (session) => runProgress(session, runId))
    const z = datasets.at(-1)?.counts
    assert.deepEqual([z?.ready, z?.waiting, z?.skipped], [1, 1, 2])
  })

  test('a run that has ended takes no more tasks, and one without tasks is done at once', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [])
    assert.equal(
      (await catalog.asTenant(tenant, (session) => getRun(session, runId)))?.state,
      'done',
    )
    await assert.rejects(
      catalog.asTenant(tenant, (session) => addTasks(session, runId, [buildTask('a', '1')])),
      { code: 'run-ended' },
    )
    await assert.rejects(
      catalog.asTenant(tenant, (session) => addTasks(session, 'run_none', [])),
      { code: 'run-unknown' },
    )
  })
})
