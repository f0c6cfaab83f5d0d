import assert from 'node:assert/strict'
import { test } from 'node:test'

import { createAcceptance } from '#operations/acceptances/create.ts'
import { withdrawAcceptance } from '#operations/acceptances/withdraw.ts'
import { cancelBackfill } from '#operations/backfills/cancel.ts'
import { createBackfillOperation } from '#operations/backfills/create.ts'
import { pauseBackfill } from '#operations/backfills/pause.ts'
import { resumeBackfill } from '#operations/backfills/resume.ts'
import { showBackfill } from '#operations/backfills/show.ts'
import { undoBackfill } from '#operations/backfills/undo.ts'
import { showPlan } from '#operations/plans/show.ts'
import { startRun } from '#operations/runs/start.ts'
import { tasksOfRun } from '#operations/tasks/of-run.ts'
import { showStatus } from '#operations/status/show.ts'
import { buildReadings, until } from '../support/build-readings.ts'

const april = ['2024-04-01,north,1', '2024-04-02,north,2']
const may = ['2024-05-01,north,5']

test('a plan that was shown is applied as it was, or refused with everything that moved', async (t) => {
  const readings = await buildReadings(t)
  const [tenant] = readings.tenants
  assert.ok(tenant)
  await readings.put(tenant, '2024-04', april)
  const door = await readings.door(tenant)

  const first = await door.invoke(showPlan, { datasets: ['readings'] })
  assert.match(first.token ?? '', /^plan_[0-9a-f]{16}$/)
  assert.equal((await door.invoke(showPlan, { datasets: ['readings'] })).token, first.token)
  await readings.put(tenant, '2024-04', [...april, '2024-04-03,north,3'])
  await assert.rejects(
    door.invoke(startRun, { basis: first.token ?? '' }),
    /since the plan was made, objects of readings changed \(2024-04\)/,
  )

  const second = await door.invoke(showPlan, { datasets: ['readings'] })
  await assert.rejects(
    door.invoke(startRun, { datasets: ['meter_days'], basis: second.token ?? '' }),
    {
      code: 'plan-differs',
    },
  )
  const { run } = await door.invoke(startRun, { basis: second.token ?? '' })
  assert.equal(await readings.ended(tenant, run?.id ?? ''), 'done')

  await readings.put(tenant, '2024-04', april)
  const third = await door.invoke(showPlan, { datasets: ['readings'], partition: '2024-04' })
  const other = await door.invoke(startRun, { datasets: ['readings'], partition: '2024-04' })
  await readings.ended(tenant, other.run?.id ?? '')
  await assert.rejects(
    door.invoke(startRun, { basis: third.token ?? '' }),
    new RegExp(`readings 2024-04 was published by run ${other.run?.id}`),
  )
  await assert.rejects(door.invoke(startRun, { basis: 'plan_0000000000000000' }), {
    code: 'plan-unknown',
  })

  const fourth = await door.invoke(showPlan, {
    datasets: ['meter_days'],
    mode: 'rerun',
    partition: '2024-04-01',
  })
  await readings.edit('analyses/meter_days.sql', (text) =>
    text.replace('sum(value)', 'sum(value) + 0'),
  )
  await readings.reopen()
  const later = await readings.door(tenant)
  await assert.rejects(
    later.invoke(startRun, { basis: fourth.token ?? '' }),
    /the code of meter_days changed/,
  )
})

test('what failed of a run, a task or a dataset of a run is run again alone', async (t) => {
  const readings = await buildReadings(t)
  const [tenant] = readings.tenants
  assert.ok(tenant)
  await readings.put(tenant, '2024-04', april)
  await readings.put(tenant, '2024-05', ['nonsense'])
  const door = await readings.door(tenant)
  await readings.put(tenant, '2024-05', may)
  const { run } = await door.invoke(startRun, { datasets: ['readings'] })
  await readings.ended(tenant, run?.id ?? '')

  await readings.put(
    tenant,
    '2024-05',
    may.map((line) => line.replace('north,5', 'north,six')),
  )
  const broken = await door.invoke(startRun, {
    datasets: ['readings'],
    partition: '2024-05..2024-06',
  })
  await readings.ended(tenant, broken.run?.id ?? '')
  const { tasks } = await door.invoke(tasksOfRun, { run: broken.run?.id ?? '' })
  const failed = tasks.filter(({ state }) => state === 'failed')
  assert.ok(failed.length > 0, JSON.stringify(tasks))
  await readings.put(tenant, '2024-06', ['2024-06-01,north,6'])
  const again = await door.invoke(startRun, { failedOf: broken.run?.id ?? '', tasksMax: 100 })
  assert.deepEqual(
    new Set(
      again.plan.tasks
        .filter(({ kind }) => kind === 'build')
        .map(({ partition }) => partition.slice(0, 7)),
    ),
    new Set(failed.map(({ partition }) => partition)),
  )
  await readings.ended(tenant, again.run?.id ?? '')

  const all = await door.invoke(tasksOfRun, { run: run?.id ?? '' })
  const day = all.tasks.find(
    ({ dataset, partition }) => dataset === 'meter_days' && partition === '2024-04-01',
  )
  const from = await door.invoke(showPlan, { fromTask: day?.id ?? 0 })
  assert.deepEqual(
    from.tasks.map(({ dataset, partition, certainty }) => [dataset, partition, certainty]),
    [
      ['meter_days', '2024-04-01', 'certain'],
      ['meter_months', '2024-04', 'conditional'],
    ],
  )
  const of = await door.invoke(showPlan, { ofRun: run?.id ?? '', datasets: ['meter_months'] })
  assert.deepEqual(
    of.tasks.map(({ dataset, partition }) => [dataset, partition]),
    [
      ['meter_months', '2024-04'],
      ['meter_months', '2024-05'],
    ],
  )
  await assert.rejects(door.invoke(showPlan, { fromTask: 1, failedOf: 'last' }), {
    code: 'region-unclear',
  })
})

test('a backfill runs once for each tenant, newest first, and is paused, cancelled and undone as one', async (t) => {
  const readings = await buildReadings(t, ['acme', 'bolt', 'idle'])
  const [acme, bolt] = readings.tenants
  assert.ok(acme && bolt)
  for (const tenant of [acme, bolt]) {
    await readings.put(tenant, '2024-04', april)
    await readings.put(tenant, '2024-05', may)
  }
  const door = await readings.door(acme)
  const made = await door.invoke(createBackfillOperation, {
    datasets: ['readings'],
    partition: '2024-04..2024-05',
    tenants: ['acme', 'bolt'],
    order: 'newest',
    concurrency: 1,
  })
  assert.equal(made.tenants.total, 2)
  const show = () => door.invoke(showBackfill, { backfill: made.id })
  const done = await until(show, ({ backfill }) => backfill.endedAt !== null)
  assert.equal(done.backfill.state, 'done', JSON.stringify(done))
  assert.deepEqual(
    done.tenants.map(({ tenant, state }) => [tenant, state]),
    [
      ['acme', 'done'],
      ['bolt', 'done'],
    ],
  )
  assert.equal(done.backfill.tasks.done, 2 * (2 + 3 + 2) + 2)
  const { tasks } = await door.invoke(tasksOfRun, { run: done.tenants[0]?.runId ?? '' })
  const sources = tasks.filter(({ dataset }) => dataset === 'readings')
  assert.deepEqual(
    sources.toSorted((a, b) => a.id - b.id).map(({ partition }) => partition),
    ['2024-05', '2024-04'],
  )
  const limits = await readings.millrace.parts.catalog.asTenant(acme, (session) =>
    session.query<object>(`SELECT 1 FROM queue_limit WHERE scope = 'backfill'`),
  )
  assert.deepEqual(limits, [], 'its limit goes with it')

  const undone = await door.invoke(undoBackfill, { backfill: made.id })
  assert.deepEqual(undone.tenants, [
    { tenant: 'acme', restored: 7, kept: 0 },
    { tenant: 'bolt', restored: 7, kept: 0 },
  ])
  assert.notEqual(undone.backfill.undoneAt, null)

  const second = await door.invoke(createBackfillOperation, {
    datasets: ['readings'],
    allTenants: true,
  })
  await door.invoke(pauseBackfill, { backfill: second.id, reason: 'looking' })
  const planned = await until(
    () => door.invoke(showBackfill, { backfill: second.id }),
    ({ backfill }) => backfill.tenants.planning === 0,
  )
  const idle = planned.tenants
    .filter(({ state }) => state === 'nothing')
    .map(({ tenant }) => tenant)
  assert.deepEqual(idle, ['default', 'demo', 'idle'])
  const resumed = await door.invoke(resumeBackfill, { backfill: second.id })
  assert.equal(resumed.paused, null)
  await door.invoke(cancelBackfill, { backfill: second.id })
  const over = await until(
    () => door.invoke(showBackfill, { backfill: second.id }),
    ({ backfill }) => backfill.endedAt !== null,
  )
  assert.ok(['cancelled', 'done'].includes(over.backfill.state), over.backfill.state)
})

test('a change of code that is accepted leaves everything fresh, and real changes are still found', async (t) => {
  const readings = await buildReadings(t)
  const [tenant] = readings.tenants
  assert.ok(tenant)
  await readings.put(tenant, '2024-04', april)
  await readings.put(tenant, '2024-05', may)
  const { run } = await (await readings.door(tenant)).invoke(startRun, { datasets: ['readings'] })
  await readings.ended(tenant, run?.id ?? '')
  await readings.edit('analyses/meter_days.sql', (text) =>
    text.replace('sum(value)', 'sum(value) + 0'),
  )
  await readings.reopen()
  const door = await readings.door(tenant)
  const plan = () => door.invoke(showPlan, { datasets: ['readings'] })
  assert.equal((await plan()).summary.tasks, 5, 'three days are stale, two months may be')

  const accepted = await door.invoke(createAcceptance, {
    dataset: 'meter_days',
    why: 'adds nothing',
  })
  assert.deepEqual([accepted.partitions, accepted.tenants], [3, 1])
  assert.equal((await plan()).summary.tasks, 0)
  const status = await door.invoke(showStatus, { datasets: ['meter_days'] })
  assert.deepEqual(
    status.datasets[0]?.accepted.map(({ why, partitions }) => [why, partitions]),
    [['adds nothing', 3]],
  )
  assert.ok(status.datasets[0]?.partitions.every(({ state }) => state === 'fresh'))

  await readings.put(tenant, '2024-04', ['2024-04-01,north,1', '2024-04-02,north,7'])
  const changed = await door.invoke(startRun, { datasets: ['readings'] })
  assert.equal(await readings.ended(tenant, changed.run?.id ?? ''), 'done')
  const { tasks } = await door.invoke(tasksOfRun, { run: changed.run?.id ?? '' })
  const computed = tasks.filter(({ state, kind }) => state === 'done' && kind === 'build')
  assert.deepEqual(
    computed.map(({ dataset, partition }) => `${dataset} ${partition}`).toSorted(),
    ['meter_days 2024-04-02', 'meter_months 2024-04', 'readings 2024-04'],
    'the first of April came out as it was, though other code had built it',
  )

  await door.invoke(withdrawAcceptance, { dataset: 'meter_days' })
  const stale = await plan()
  assert.deepEqual(
    stale.tasks
      .filter(({ certainty }) => certainty === 'certain')
      .map(({ partition }) => partition),
    ['2024-04-01', '2024-05-01'],
  )
})
