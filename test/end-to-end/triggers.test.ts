import assert from 'node:assert/strict'
import { test } from 'node:test'

import { setSourceOptions } from '#catalog/options.ts'
import { pauseQueue, resumeQueue } from '#catalog/pauses.ts'
import { listFreshness } from '#operations/freshness/list.ts'
import { setFreshnessRule } from '#operations/freshness/set.ts'
import { listRunsOperation } from '#operations/runs/list.ts'
import { undoRun } from '#operations/runs/undo.ts'
import { createSchedule } from '#operations/schedules/create.ts'
import { fireSchedule } from '#operations/schedules/fire.ts'
import { nextTimes } from '#operations/schedules/next.ts'
import { pauseSchedule } from '#operations/schedules/pause.ts'
import { showSchedule } from '#operations/schedules/show.ts'
import { createSensor } from '#operations/sensors/create.ts'
import { showSensor } from '#operations/sensors/show.ts'
import { startRun } from '#operations/runs/start.ts'
import { pauseRun } from '#operations/runs/pause.ts'
import { resumeRun } from '#operations/runs/resume.ts'
import { tasksOfRun } from '#operations/tasks/of-run.ts'
import type { Door } from '#cli/door/door.ts'
import { buildReadings, until } from '../support/build-readings.ts'

const april = ['2024-04-01,north,1', '2024-04-02,north,2']
const HOUR_MS = 3_600_000

const runsOf = async (door: Door) => (await door.invoke(listRunsOperation, {})).runs

async function builtBy(door: Door, run: string): Promise<string[]> {
  const { tasks } = await door.invoke(tasksOfRun, { run })
  const built = tasks.filter(({ kind, state }) => kind === 'build' && state === 'done')
  return built.map(({ dataset, partition }) => `${dataset} ${partition}`).toSorted()
}

test('a sensor starts exactly the plan of what arrived, once for each version of an object', async (t) => {
  const readings = await buildReadings(t)
  const [tenant] = readings.tenants
  assert.ok(tenant)
  await readings.put(tenant, '2024-04', april)
  const door = await readings.door(tenant)
  await door.invoke(createSensor, { source: 'readings', every: 1000, settle: '5m' })
  const ended = (count: number) =>
    until(
      () => runsOf(door),
      (runs) => runs.length === count && runs.every(({ state }) => state !== 'running'),
    )
  const looks = async (count: number) => {
    const seen = new Set<string | null>()
    await until(
      async () => seen.add((await door.invoke(showSensor, { source: 'readings' })).lookedAt).size,
      (size) => size > count,
    )
  }
  const [first] = await ended(1)
  assert.deepEqual(await builtBy(door, first?.id ?? ''), [
    'meter_days 2024-04-01',
    'meter_days 2024-04-02',
    'meter_months 2024-04',
    'readings 2024-04',
  ])
  await looks(2)
  assert.equal((await runsOf(door)).length, 1, 'nothing arrived')

  await readings.put(tenant, '2024-05', ['2024-05-01,north,5'])
  const [second] = await ended(2)
  assert.deepEqual(await builtBy(door, second?.id ?? ''), [
    'meter_days 2024-05-01',
    'meter_months 2024-05',
    'readings 2024-05',
  ])

  await door.invoke(undoRun, { run: second?.id ?? '' })
  await looks(2)
  assert.equal((await runsOf(door)).length, 2, 'what was undone is left alone')

  await readings.put(
    tenant,
    '2024-05',
    ['2024-05-01,north,6'],
    performance.timeOrigin + performance.now(),
  )
  await looks(2)
  assert.equal((await runsOf(door)).length, 2, 'what may still be written is waited for')
  await readings.put(tenant, '2024-05', ['2024-05-01,north,6'])
  const [third] = await ended(3)
  assert.deepEqual(third?.cause, 'sensor')

  await readings.millrace.parts.catalog.asTenant(tenant, (session) =>
    setSourceOptions(session, 'readings', {
      location: 's3://127.0.0.1-no-bucket/{yyyy}',
      endpoint: 'http://127.0.0.1:9',
      anonymous: true,
    }),
  )
  const failing = await until(
    () => door.invoke(showSensor, { source: 'readings' }),
    ({ failures }) => failures > 0,
  )
  assert.notEqual(failing.error, null)
  assert.ok(Date.parse(failing.nextAt ?? '') > Date.now() + 1000, 'it waits longer')
})

test('a schedule starts its region and its tasks, and leaves out what would overlap', async (t) => {
  const readings = await buildReadings(t)
  const [tenant] = readings.tenants
  assert.ok(tenant)
  await readings.put(tenant, '2024-04', april)
  const door = await readings.door(tenant)
  const created = await door.invoke(createSchedule, {
    name: 'nightly',
    cron: '15 6 * * *',
    zone: 'Europe/Berlin',
    datasets: ['readings'],
    overlap: 'skip',
  })
  assert.equal(created.starts, 'run readings')
  const { times } = await door.invoke(nextTimes, { name: 'nightly' })
  assert.deepEqual(
    times.map(({ wall }) => wall.slice(11)),
    Array.from({ length: 5 }, () => '06:15'),
  )
  const firings = async (count: number, name = 'nightly') =>
    (
      await until(
        () => door.invoke(showSchedule, { name }),
        ({ firings }) =>
          firings.length === count && firings.every(({ state }) => state !== 'started'),
      )
    ).firings

  const blocked = await door.invoke(startRun, { datasets: ['readings'] })
  await readings.ended(tenant, blocked.run?.id ?? '')
  await door.invoke(fireSchedule, { name: 'nightly' })
  assert.equal((await firings(1))[0]?.state, 'nothing')
  await readings.put(tenant, '2024-04', [...april, '2024-04-03,north,3'])
  await door.invoke(fireSchedule, { name: 'nightly' })
  const [ran] = await firings(2)
  assert.equal(ran?.state, 'ran')
  assert.equal(await readings.ended(tenant, ran?.runId ?? ''), 'done')

  await door.invoke(createSchedule, {
    name: 'again',
    cron: '@daily',
    datasets: ['meter_days'],
    mode: 'rerun',
    partition: '2024-04-01',
    overlap: 'queue',
  })
  const { catalog } = readings.millrace.parts
  const days = { scope: 'dataset', value: 'meter_days' } as const
  await catalog.asTenant(tenant, (session) =>
    pauseQueue(session, { ...days, reason: 'the test looks' }, 'tenant'),
  )
  await door.invoke(fireSchedule, { name: 'again' })
  const [first] = await firings(1, 'again')
  await door.invoke(pauseRun, { run: first?.runId ?? '', reason: 'longer' })
  await door.invoke(fireSchedule, { name: 'again' })
  const [waiting] = await firings(2, 'again')
  assert.deepEqual([waiting?.state, waiting?.detail], ['queued', `waits for run ${first?.runId}`])
  await catalog.asTenant(tenant, (session) => resumeQueue(session, days, 'tenant'))
  assert.deepEqual(await door.invoke(resumeRun, { run: first?.runId ?? '' }), {
    run: first?.runId,
    wasPaused: true,
  })
  assert.equal(await readings.ended(tenant, first?.runId ?? ''), 'done')
  const after = await until(
    () => door.invoke(showSchedule, { name: 'again' }),
    (shown) => shown.firings[0]?.state === 'ran',
  )
  assert.equal(await readings.ended(tenant, after.firings[0]?.runId ?? ''), 'done')

  await door.invoke(createSchedule, {
    name: 'letters',
    cron: '0 8 * * 1',
    tasks: [{ name: 'letter', payload: { month: '{month-1}', at: '{due}' } }],
  })
  await door.invoke(fireSchedule, { name: 'letters' })
  const [posted] = await firings(1, 'letters')
  assert.equal(posted?.state, 'posted')
  const [task] = await readings.millrace.parts.catalog.asTenant(tenant, (session) =>
    session.query<{ payload: string }>('SELECT payload FROM background_task WHERE tenant_id = $1', [
      tenant.id,
    ]),
  )
  const { month, at } = JSON.parse(task?.payload ?? '') as Record<string, string>
  assert.match(month ?? '', /^\d{4}-\d{2}$/)
  assert.equal(at, posted?.dueAt)
  await door.invoke(fireSchedule, { name: 'letters' })
  const [skipped] = await firings(2, 'letters')
  assert.equal(skipped?.state, 'skipped')
  assert.match(skipped?.detail ?? '', /^task task_\w+ was still under way$/)
  await door.invoke(createSchedule, {
    name: 'newest-only',
    cron: '@daily',
    tasks: [{ name: 'letter' }],
    overlap: 'cancel-other',
  })
  for (const count of [1, 2]) {
    await door.invoke(fireSchedule, { name: 'newest-only' })
    await firings(count, 'newest-only')
  }
  const states = await catalog.asTenant(tenant, (session) =>
    session.query<{ state: string }>(
      `SELECT t.state FROM trigger_firing f JOIN task t ON t.tenant_id = $1 AND t.id = ANY (f.posted)
       JOIN trigger ON trigger.tenant_id = $1 AND trigger.id = f.trigger_id
       WHERE f.tenant_id = $1 AND trigger.name = 'newest-only' ORDER BY t.id`,
      [tenant.id],
    ),
  )
  assert.deepEqual(
    states.map(({ state }) => state),
    ['cancelled', 'ready'],
  )
  const paused = await door.invoke(pauseSchedule, { name: 'letters' })
  assert.deepEqual([paused.nextAt, paused.pausedBy], [null, 'local'])
  await assert.rejects(
    door.invoke(createSchedule, { name: 'wrong', cron: '0 8 * * 1', partition: '{moth-1}' }),
    /\{moth-1\} is none of/,
  )
})

test('a dataset that gets too old says so, and says so again when it is fresh', async (t) => {
  const readings = await buildReadings(t)
  const [tenant] = readings.tenants
  assert.ok(tenant)
  await readings.put(tenant, '2024-04', april)
  const door = await readings.door(tenant)
  const { run } = await door.invoke(startRun, { datasets: ['readings'] })
  await readings.ended(tenant, run?.id ?? '')
  await door.invoke(setFreshnessRule, { dataset: 'meter_days', maxAge: '26h' })
  const rule = async () => (await door.invoke(listFreshness, {})).rules[0]
  const breached = await until(rule, (one) => one?.state === 'breached')
  assert.deepEqual(
    [breached?.newest, breached?.breachAt],
    ['2024-04-02', '2024-04-04T02:00:00.000Z'],
  )

  const today = new Date(performance.timeOrigin - HOUR_MS).toISOString()
  await readings.put(tenant, today.slice(0, 7), [`${today.slice(0, 10)},north,1`])
  const next = await door.invoke(startRun, { datasets: ['readings'] })
  await readings.ended(tenant, next.run?.id ?? '')
  await door.invoke(setFreshnessRule, { dataset: 'meter_days', maxAge: '27h' })
  await until(rule, (one) => one?.state === 'kept' && one.newest === today.slice(0, 10))
  const told = await readings.millrace.parts.catalog.asTenant(tenant, (session) =>
    session.query<{ kind: string }>(
      `SELECT kind FROM outbox WHERE tenant_id = $1 AND kind LIKE 'freshness.%' ORDER BY id`,
      [tenant.id],
    ),
  )
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['freshness.breached', 'freshness.kept'],
  )
})
