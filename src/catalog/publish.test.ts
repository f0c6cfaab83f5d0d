import assert from 'node:assert/strict'
import { test } from 'node:test'

import { listAttempts } from '#catalog/attempts.ts'
import { checkResults } from '#catalog/checks.ts'
import { readSet, readSets } from '#catalog/files.ts'
import { runProgress } from '#catalog/run-progress.ts'
import { runFindings } from '#catalog/runs.ts'
import { loadOrigins, loadSourceObjects } from '#catalog/source-objects.ts'
import { listPartitions, loadInputs, loadState } from '#catalog/state.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { createTenant } from '#catalog/tenants.ts'
import { eachEngine, suiteCatalog } from '../../test/support/database.ts'
import {
  buildOrigin,
  buildRun,
  buildTask,
  claimBatch,
  publishBatch,
} from '../../test/support/catalog-builders.ts'

eachEngine((engine) => {
  const open = suiteCatalog(engine)

  test('a publish shows all partitions of a batch at once, under one commit number', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [
      buildTask('days', '2021-04-02'),
      buildTask('days', '2021-04-01'),
    ])
    const batch = await claimBatch(catalog)
    const published = await publishBatch(catalog, tenant, batch, ({ partition }) => ({
      dataVersion: `d${partition}`,
      inputs: [{ dataset: 'events', partition: '2021-04', value: partition, dataVersion: 'v' }],
    }))

    assert.equal(published.commitNumber, 1)
    const set = await catalog.asTenant(tenant, (session) => readSet(session, 'days', null))
    assert.equal(set.commitNumber, 1)
    assert.deepEqual(
      set.partitions.map(({ partition, rows, files }) => [partition, rows, files.length]),
      [
        ['2021-04-01', 5, 1],
        ['2021-04-02', 5, 1],
      ],
    )
    assert.equal(set.partitions[0]?.files[0], set.partitions[1]?.files[0])
    const [state] = await catalog.asTenant(tenant, (session) => loadState(session, ['days']))
    assert.deepEqual(state?.keys, ['2021-04-01', '2021-04-02'])
    assert.deepEqual(state?.dataVersions, ['d2021-04-01', 'd2021-04-02'])
    assert.deepEqual(state?.versionIds, published.versionIds.toReversed())
    const inputs = await catalog.asTenant(tenant, (session) =>
      loadInputs(session, [999, ...published.versionIds]),
    )
    assert.deepEqual(
      inputs.map((list) => list.map(({ value }) => value)),
      [[], ['2021-04-02'], ['2021-04-01']],
    )
    const rows = await catalog.asTenant(tenant, (session) => listPartitions(session, 'days'))
    assert.deepEqual(
      rows.map(({ partition, commitNumber }) => [partition, commitNumber]),
      [
        ['2021-04-01', 1],
        ['2021-04-02', 1],
      ],
    )
  })

  test('an attempt whose task was taken over publishes nothing', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
    const stalled = await claimBatch(catalog, { leaseMs: 1_000 })
    await shiftClock(2_000)
    await catalog.asSystem((session) => session.query('SELECT queue_expire()'))
    const current = await claimBatch(catalog)

    await assert.rejects(publishBatch(catalog, tenant, stalled), { code: 'lease-lost' })
    const set = await catalog.asTenant(tenant, (session) => readSet(session, 'days', null))
    assert.deepEqual([set.commitNumber, set.partitions], [0, []])
    await publishBatch(catalog, tenant, current)
    await assert.rejects(
      publishBatch(catalog, tenant, current),
      { code: 'lease-lost' },
      'only once',
    )
  })

  test('one lost lease refuses its whole batch', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('days', '1'),
      buildTask('days', '2'),
    ])
    const batch = await claimBatch(catalog)
    const [first] = batch.map(({ id, fence }) => ({
      taskId: id,
      fence,
      state: 'cancelled' as const,
    }))
    await catalog.asTenant(tenant, (session) => endTasks(session, runId, first ? [first] : []))
    await assert.rejects(publishBatch(catalog, tenant, batch), { code: 'lease-lost' })
    const set = await catalog.asTenant(tenant, (session) => readSet(session, 'days', null))
    assert.deepEqual(set.partitions, [])
  })

  test('a lease that ran out is still good while nobody took the task', async () => {
    const { catalog, shiftClock } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
    const late = await claimBatch(catalog, { leaseMs: 1_000 })
    await shiftClock(60_000)
    assert.equal((await publishBatch(catalog, tenant, late)).commitNumber, 1)
  })

  test('a held partition keeps the version that is served and says why', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
    const first = await publishBatch(catalog, tenant, await claimBatch(catalog))
    const check = { name: 'rows', severity: 'blocking', passed: false } as const
    const { runId } = await buildRun(catalog, tenant, [
      buildTask('days', '2021-04-01'),
      buildTask('months', '2021-04', [0]),
    ])
    const held = await publishBatch(catalog, tenant, await claimBatch(catalog), {
      held: true,
      checks: [{ ...check, failingRows: 3, message: '3 rows are wrong' }],
    })

    assert.equal(held.commitNumber, null)
    const rows = await catalog.asTenant(tenant, (session) => listPartitions(session, 'days'))
    assert.deepEqual(
      rows.map(({ versionId }) => versionId),
      first.versionIds,
    )
    const [state] = await catalog.asTenant(tenant, (session) => loadState(session, ['days']))
    assert.equal(state?.failures[0]?.state, 'held')
    assert.match(state?.failures[0]?.message ?? '', /3 rows are wrong/)
    const progress = await catalog.asTenant(tenant, (session) => runProgress(session, runId))
    assert.equal(progress.run.state, 'failed')
    assert.deepEqual(
      progress.failures.map(({ dataset, state: end }) => [dataset, end]),
      [
        ['days', 'held'],
        ['months', 'skipped'],
      ],
    )
    assert.match(progress.failures[1]?.error?.message ?? '', /days 2021-04-01.*held/)
    const [results] = await catalog.asTenant(tenant, (session) =>
      checkResults(session, held.versionIds),
    )
    assert.equal(results?.[0]?.failingRows, 3)
  })

  test('a later success clears the failure of a partition', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const failures = async () => {
      const [state] = await catalog.asTenant(tenant, (session) => loadState(session, ['days']))
      return state?.failures.map(({ state: end, message }) => [end, message])
    }
    const { runId } = await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
    const [task] = await claimBatch(catalog)
    const error = {
      code: 'internal',
      message: 'no such column',
      remedy: '',
      retryable: false,
      details: {},
      causes: [],
    } as const
    await catalog.asTenant(tenant, (session) =>
      endTasks(session, runId, [
        { taskId: task?.id ?? 0, fence: task?.fence ?? 0, state: 'failed', error },
      ]),
    )
    assert.deepEqual(await failures(), [['failed', 'no such column']])
    await buildRun(catalog, tenant, [buildTask('days', '2021-04-01')])
    await publishBatch(catalog, tenant, await claimBatch(catalog))
    assert.deepEqual(await failures(), [])
  })

  test('a source keeps its origin, what it observed, its object and its quarantine', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId } = await buildRun(catalog, tenant, [buildTask('events', '2021-04')])
    const batch = await claimBatch(catalog)
    const observed = [{ value: '2021-04-01', dataVersion: 'o1', rows: 4 }]
    const file = { sizeBytes: 10, sha256: 'ef', rows: 5 }
    await publishBatch(
      catalog,
      tenant,
      batch,
      { origin: buildOrigin(), observed },
      {
        files: [
          { ...file, path: 'acme/events/data.parquet', role: 'data' },
          { ...file, path: 'acme/events/bad.parquet', rows: 1, role: 'quarantine' },
        ],
      },
    )

    await catalog.asTenant(tenant, async (session) => {
      const [state] = await loadState(session, ['events'])
      assert.deepEqual(state?.observed, [{ partition: '2021-04', values: observed }])
      const [object] = await loadSourceObjects(session, 'events')
      assert.equal(object?.etag, '"1"')
      const [origin] = await loadOrigins(session, 'events')
      assert.equal(origin?.origin.quarantined, 1)
      assert.equal((await runFindings(session, runId)).sources[0]?.accepted, 9)
      const [set] = await readSets(session, [
        { dataset: 'events', partitions: ['2021-04', '2021-05'] },
      ])
      assert.deepEqual(
        set?.partitions.map(({ files }) => files.map(({ path }) => path)),
        [['acme/events/data.parquet']],
      )
      assert.deepEqual(
        set?.partitions[0]?.quarantine.map(({ path }) => path),
        ['acme/events/bad.parquet'],
      )
    })
  })

  test('attempts keep their cost and the run its rows', async () => {
    const { catalog } = open()
    const tenant = await createTenant(catalog, 'acme')
    const { runId, taskIds } = await buildRun(catalog, tenant, [
      buildTask('days', '1'),
      buildTask('days', '2'),
    ])
    await publishBatch(catalog, tenant, await claimBatch(catalog))
    await catalog.asTenant(tenant, async (session) => {
      const [attempt] = await listAttempts(session, taskIds[0] ?? 0)
      assert.deepEqual([attempt?.state, attempt?.cost?.wallMs], ['done', 10])
      const progress = await runProgress(session, runId)
      assert.deepEqual(
        progress.datasets.map(({ rows, wallMs }) => [rows, wallMs]),
        [[10, 20]],
      )
      assert.equal(progress.run.state, 'done')
      assert.ok(progress.run.endedAt)
    })
  })
})
