import assert from 'node:assert/strict'
import { test } from 'node:test'

import { appendLogs } from '#catalog/logs.ts'
import { runBefore, runCosts, slowerPartitions } from '#catalog/run-costs.ts'
import { gatedTasks, runGates } from '#catalog/run-gates.ts'
import { listRunLogs, type RunLogFilter } from '#catalog/run-logs.ts'
import { listTimeline } from '#catalog/run-timeline.ts'
import { retryTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { undoableOf, undoRun } from '#catalog/undo.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import {
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const cost = (wallMs: number) => ({
  wallMs,
  cpuMs: wallMs / 2,
  peakMemoryBytes: 1_000,
  readBytes: 10,
  writtenBytes: 5,
})

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a timeline has each attempt with its batch, page by page, and no other tenant’s', async () => {
    const { catalog, setClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    const other = await createTenant(catalog, 'other')
    await setClock(NOON)
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('days', '1'),
      buildTask('days', '2'),
      buildTask('months', '1', [0, 1]),
    ])
    const batch = await claimBatch(catalog, { worker: 'w7' })
    await setClock(NOON + 1_000)
    const once = toErrorData(new MillraceError('internal', { message: 'once' }))
    const error = { ...once, retryable: true }
    await catalog.asTenant(tenant, (session) =>
      retryTasks(session, runId, [
        {
          taskId: batch[1]?.id ?? 0,
          fence: batch[1]?.fence ?? 0,
          error,
          alone: false,
          delayMs: 0,
          cost: cost(3),
        },
      ]),
    )
    await publishBatch(catalog, tenant, batch.slice(0, 1), { cost: cost(7) })
    await setClock(NOON + 5_000)
    await claimBatch(catalog, { worker: 'w8' })
    const look = (after: { ordinal: number; task: number } | null, limit: number) =>
      catalog.asTenant(tenant, (session) => listTimeline(session, { runId, after, limit }))
    const all = await look(null, 10)
    assert.deepEqual(
      all.map(({ task, number, worker, state, workMs }) => [task, number, worker, state, workMs]),
      [
        [taskIds[0], 1, 'w7', 'done', 7],
        [taskIds[1], 1, 'w7', 'failed', 3],
        [taskIds[1], 2, 'w8', 'running', null],
      ],
    )
    assert.equal(all[0]?.batch, all[1]?.batch)
    assert.notEqual(all[1]?.batch, all[2]?.batch)
    assert.deepEqual([all[0]?.startedMs, all[0]?.endedMs], [NOON, NOON + 1_000])
    const [first] = await look(null, 1)
    assert.deepEqual(
      (await look(first ?? null, 1)).map(({ task, number }) => [task, number]),
      [
        [taskIds[1], 1],
        [taskIds[1], 2],
      ],
    )
    const foreign = await catalog.asTenant(other, (session) =>
      listTimeline(session, { runId, after: null, limit: 10 }),
    )
    assert.deepEqual(foreign, [])
  })

  test('a run hung on what ended last of the inputs of its last task', async () => {
    const { catalog, setClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    await setClock(NOON)
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('days', '1'),
      buildTask('weeks', '1'),
      buildTask('months', '1', [0, 1]),
      buildTask('years', '1', [2]),
    ])
    const [days, weeks, months, years] = taskIds as [number, number, number, number]
    for (const [at, dataset] of ['days', 'weeks', 'months', 'years'].entries()) {
      const batch = await claimBatch(catalog)
      assert.equal(batch[0]?.dataset, dataset)
      await setClock(NOON + (at + 1) * 1_000)
      await publishBatch(catalog, tenant, batch)
    }
    await catalog.asTenant(tenant, async (session) => {
      const { last, gateOf } = await runGates(session, runId)
      assert.equal(last, years)
      assert.deepEqual(
        [gateOf.get(years), gateOf.get(months), gateOf.get(weeks)],
        [months, weeks, undefined],
      )
      assert.equal([...gateOf.values()].includes(days), false)
      assert.deepEqual(
        (await gatedTasks(session, [weeks])).map(({ dataset, state }) => [dataset, state]),
        [['weeks', 'done']],
      )
    })
  })

  test('the log of a run is by time, and found by span, level, text and dataset', async () => {
    const { catalog, setClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    await setClock(NOON)
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('days', '1'),
      buildTask('hours', '1'),
    ])
    const stranger = await buildRun(catalog, tenant, [buildTask('days', '9')])
    const line = (taskId: number, ms: number, level: 'info' | 'error', message: string) => ({
      taskId,
      attempt: 1,
      at: new Date(NOON + ms),
      level,
      message,
    })
    const [days, hours] = taskIds as [number, number]
    await catalog.asTenant(tenant, (session) =>
      appendLogs(session, [
        line(hours, 20, 'info', 'b'),
        line(days, 10, 'info', 'a'),
        line(days, 30, 'error', '100% Wrong'),
        line(days, 30, 'info', 'd'),
        line(stranger.taskIds[0] as number, 15, 'info', 'of another run'),
      ]),
    )
    const none = { from: null, until: null, levels: null, text: null, dataset: null, after: null }
    const lines = (more: Partial<RunLogFilter> = {}) =>
      catalog.asTenant(tenant, (session) =>
        listRunLogs(session, { runId, ...none, limit: 10, ...more }),
      )
    const texts = async (more: Partial<RunLogFilter> = {}) =>
      (await lines(more)).map(({ message }) => message)
    assert.deepEqual(await texts(), ['a', 'b', '100% Wrong', 'd'])
    assert.deepEqual(await texts({ from: new Date(NOON + 15), until: new Date(NOON + 25) }), ['b'])
    assert.deepEqual(await texts({ levels: ['warn', 'error'] }), ['100% Wrong'])
    assert.deepEqual(await texts({ text: '0% wr' }), ['100% Wrong'])
    assert.deepEqual(await texts({ dataset: 'hours' }), ['b'])
    const page = await lines({ limit: 3 })
    assert.deepEqual(await texts({ after: page[2] ?? null }), ['d'])
  })

  test('a run is compared with the one before of the same title, and its undo is foretold', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const run = async (title: string, wallMs: number) => {
      const { runId } = await buildRun(catalog, tenant, [
        buildTask('days', '1', [], { forced: true }),
        buildTask('days', '2', [], { forced: true }),
      ])
      await open().admin('UPDATE run SET title = $1 WHERE id = $2', [title, runId])
      await publishBatch(catalog, tenant, await claimBatch(catalog), ({ partition }) => ({
        cost: cost(partition === '1' ? wallMs : 5),
        dataVersion: `d${wallMs}:5`,
      }))
      return runId
    }
    const first = await run('nightly', 10)
    const between = await run('by hand', 10)
    const last = await run('nightly', 40)
    await catalog.asTenant(tenant, async (session) => {
      assert.equal(await runBefore(session, last), first)
      assert.equal(await runBefore(session, between), null)
      const [costs] = await runCosts(session, last)
      assert.deepEqual(
        [costs?.dataset, costs?.tasks, costs?.rows, costs?.wallMs, costs?.cpuMs, costs?.readBytes],
        ['days', 2, 10, 45, 22.5, 20],
      )
      const slower = await slowerPartitions(session, { runId: last, beforeId: first, limit: 5 })
      assert.deepEqual(
        slower.map(({ partition, workMs, beforeMs }) => [partition, workMs, beforeMs]),
        [['1', 40, 10]],
      )
      const { restored, kept } = await undoableOf(session, last)
      assert.deepEqual(kept, [])
      assert.deepEqual(
        restored.map(({ to }) => to),
        ['former', 'former'],
      )
      assert.deepEqual(
        (await undoableOf(session, first)).kept.map(({ byRun }) => byRun),
        [last, last],
      )
      const done = await undoRun(session, last)
      assert.deepEqual(done.restored, restored)
    })
  })
})
