import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { PartitionKey } from '#model/partition-key.ts'
import type { Plan } from '#model/plan.ts'
import { buildAnalysis, buildRequest, buildSource } from '../../test/support/build-definitions.ts'
import { buildWorld, type World } from '../../test/support/build-world.ts'

const everything = buildRequest('run')

/** The events pack in small: files by month, days by what the files hold, running state, a reference. */
function buildDefinitions(code: Readonly<Record<string, string>> = {}) {
  const of = (name: string) => ({ code: code[name] ?? name })
  return [
    buildSource('events', { observes: 'day', ...of('events') }),
    buildSource('providers', { reference: true, ...of('providers') }),
    buildAnalysis('by_period', 'month', { events: 'same' }, of('by_period')),
    buildAnalysis('users_by_day', 'day', { events: 'observed' }, of('users_by_day')),
    buildAnalysis('top_users', 'month', { users_by_day: 'roll-up' }, of('top_users')),
    buildAnalysis(
      'companies',
      'month',
      { users_by_day: 'roll-up', providers: 'all' },
      of('companies'),
    ),
    buildAnalysis('known', 'month', { companies: 'same', known: 'previous' }, of('known')),
    buildAnalysis('by_year', 'year', { top_users: 'roll-up' }, of('by_year')),
  ]
}

const files: Readonly<Record<PartitionKey, readonly string[]>> = {
  '2021-03': ['2021-03-01 ann', '2021-03-30 bob'],
  // The row of 31 March lies in April's file.
  '2021-04': ['2021-03-31 cid', '2021-04-01 ann', '2021-04-17 dot'],
  '2021-05': ['2021-05-02 eve'],
}

function buildEvents(): World {
  const world = buildWorld(buildDefinitions())
  world.put('providers', 'all', ['gmail.com'])
  for (const [month, rows] of Object.entries(files)) world.put('events', month, rows)
  // Users by day carry no dates onwards, so that a month can come out equal after a change.
  world.compute('top_users', (rows) =>
    [...new Set((rows.get('users_by_day') ?? []).map((row) => row.slice(11)))].sort(),
  )
  world.compute('companies', (rows) => [
    ...new Set((rows.get('users_by_day') ?? []).map((row) => row.slice(11))),
  ])
  return world
}

function buildPublished(): World {
  const world = buildEvents()
  world.run(everything)
  return world
}

const named = (plan: Plan) =>
  plan.tasks
    .filter((task) => task.kind === 'build')
    .map((task) => `${task.dataset} ${task.partition}`)
    .sort()

function taskOf(plan: Plan, dataset: string, partition: PartitionKey) {
  const task = plan.tasks.find((own) => own.dataset === dataset && own.partition === partition)
  assert.ok(task, `${dataset} ${partition} is not in the plan`)
  return task
}

const causesOf = (plan: Plan, dataset: string, partition: PartitionKey) =>
  taskOf(plan, dataset, partition).causes.map(({ kind }) => kind)

test('from nothing, every file and all that follows from it is built once', () => {
  const world = buildEvents()
  const first = world.plan(everything)
  assert.deepEqual(named(first), [
    'by_period 2021-03',
    'by_period 2021-04',
    'by_period 2021-05',
    'events 2021-03',
    'events 2021-04',
    'events 2021-05',
    'providers all',
  ])
  assert.ok(first.tasks.every(({ certainty }) => certainty === 'certain'))
  assert.deepEqual(
    first.summary.later.map(({ dataset }) => dataset),
    ['users_by_day', 'top_users', 'companies', 'known', 'by_year'],
  )
  const { ends } = world.run(everything)
  assert.equal(ends.length, new Set(ends.map(({ name }) => name)).size)
  assert.ok(ends.every(({ end }) => end === 'done'))
  assert.equal(ends.length, 7 + 1 + 6 + 3 + 3 + 3 + 1)
  assert.deepEqual(world.published().get('top_users 2021-03'), ['ann', 'bob', 'cid'])
})

test('what is built is fresh, and a second plan says nothing', () => {
  const world = buildPublished()
  assert.equal(world.stateOf('top_users', '2021-04'), 'fresh')
  const again = world.plan(everything)
  assert.deepEqual(again.tasks, [])
  assert.deepEqual(again.summary.datasets, [])
})

test('a corrected file recomputes the touched day and its readers, and says so before', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  const before = world.plan(everything)
  assert.deepEqual(causesOf(before, 'events', '2021-04'), ['object'])
  assert.equal(taskOf(before, 'events', '2021-04').certainty, 'certain')
  assert.equal(taskOf(before, 'users_by_day', '2021-04-17').certainty, 'conditional')
  assert.deepEqual(causesOf(before, 'users_by_day', '2021-04-17'), ['pending'])
  assert.ok(!named(before).includes('users_by_day 2021-05-02'))

  assert.deepEqual(world.run(everything).done, [
    'by_period 2021-04',
    'by_year 2021',
    'companies 2021-04',
    'events 2021-04',
    'known 2021-04',
    'known 2021-05',
    'top_users 2021-04',
    'users_by_day 2021-04-17',
  ])
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('running state is recomputed from the touched month until one comes out equal', () => {
  const world = buildPublished()
  // Zoe was known in May already, so June and later do not change by her coming in April.
  world.put('events', '2021-05', ['2021-05-02 eve', '2021-05-03 zoe'])
  world.put('events', '2021-06', ['2021-06-01 ann'])
  world.put('events', '2021-07', ['2021-07-01 ann'])
  world.run(everything)
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  const { done, ends } = world.run(everything)
  const known = ends.filter(({ name }) => name.startsWith('known'))
  assert.deepEqual(known, [
    { name: 'known 2021-04', end: 'done' },
    { name: 'known 2021-05', end: 'done' },
    { name: 'known 2021-06', end: 'unchanged' },
    { name: 'known 2021-07', end: 'unchanged' },
  ])
  assert.ok(!done.includes('known 2021-03'))
})

test('a file whose rows come out equal makes nothing downstream run', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? [])].reverse())
  assert.deepEqual(world.run(everything).ends, [
    { name: 'events 2021-04', end: 'done' },
    { name: 'by_period 2021-04', end: 'unchanged' },
    { name: 'expand', end: 'done' },
  ])
})

test('equal rows end the wave: what reads them stays as it is', () => {
  const world = buildPublished()
  // Dot on one more day: the day differs, the month has the same users as before.
  world.compute('users_by_day', (rows) => [...(rows.get('events') ?? []), '2021-04-01 dot'])
  world.deploy(buildDefinitions({ users_by_day: 'other code' }))
  const { ends } = world.run(buildRequest('run', 'users_by_day', '2021-04-01'))
  assert.deepEqual(ends, [
    { name: 'users_by_day 2021-04-01', end: 'done' },
    { name: 'top_users 2021-04', end: 'done' },
    { name: 'companies 2021-04', end: 'done' },
    { name: 'known 2021-04', end: 'unchanged' },
    { name: 'known 2021-05', end: 'unchanged' },
    { name: 'by_year 2021', end: 'unchanged' },
  ])
})

test('run events --month 2021-04 reaches the day and the month of its spilled row', () => {
  const world = buildEvents()
  const { done } = world.run(buildRequest('run', 'events', '2021-04'))
  assert.deepEqual(done, [
    'by_period 2021-04',
    'by_year 2021',
    'companies 2021-03',
    'companies 2021-04',
    'events 2021-04',
    'known 2021-03',
    'known 2021-04',
    'providers all',
    'top_users 2021-03',
    'top_users 2021-04',
    'users_by_day 2021-03-31',
    'users_by_day 2021-04-01',
    'users_by_day 2021-04-17',
  ])
})

test('a day that vanishes from its file is recomputed without those rows', () => {
  const world = buildPublished()
  world.put('events', '2021-04', ['2021-04-01 ann'])
  const { done } = world.run(everything)
  assert.ok(done.includes('users_by_day 2021-03-31'))
  assert.ok(done.includes('users_by_day 2021-04-17'))
  assert.ok(!done.includes('users_by_day 2021-04-01'))
  assert.deepEqual(world.published().get('users_by_day 2021-04-17'), [])
  assert.deepEqual(world.published().get('top_users 2021-03'), ['ann', 'bob'])
  assert.deepEqual(world.published().get('top_users 2021-04'), ['ann'])
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('a day that comes back after it was gone is recomputed again', () => {
  const world = buildPublished()
  world.put('events', '2021-04', ['2021-04-01 ann'])
  world.run(everything)
  world.put('events', '2021-04', files['2021-04'] ?? [])
  world.run(everything)
  assert.deepEqual(world.published().get('users_by_day 2021-04-17'), ['2021-04-17 dot'])
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('run of one analysis takes it, its inputs that are not fresh and its downstream, nothing else', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  world.put('events', '2021-05', ['2021-05-02 eve', '2021-05-02 fay'])
  const { done } = world.run(buildRequest('run', 'top_users', '2021-04'))
  assert.deepEqual(done, [
    'by_year 2021',
    'events 2021-04',
    'top_users 2021-04',
    'users_by_day 2021-04-17',
  ])
  assert.equal(world.stateOf('companies', '2021-04'), 'stale')
  assert.equal(world.stateOf('by_period', '2021-04'), 'stale')
})

test('run of a day builds the file that may hold it, though nobody has read it', () => {
  const world = buildEvents()
  const { done } = world.run(buildRequest('run', 'users_by_day', '2021-05-02'))
  assert.ok(done.includes('events 2021-05'))
  assert.ok(done.includes('users_by_day 2021-05-02'))
  assert.ok(!done.includes('events 2021-04'))
})

test('run of a day reads every file that is known to hold rows of it', () => {
  const world = buildPublished()
  world.put('events', '2021-04', ['2021-03-31 new', ...(files['2021-04'] ?? [])])
  const { done } = world.run(buildRequest('run', 'users_by_day', '2021-03-31'))
  assert.ok(done.includes('events 2021-04'))
  assert.deepEqual(world.published().get('users_by_day 2021-03-31'), [
    '2021-03-31 cid',
    '2021-03-31 new',
  ])
})

test('run of what is not cut at all reads every file', () => {
  const world = buildWorld([
    buildSource('events', { observes: 'day' }),
    buildAnalysis('users_by_day', 'day', { events: 'observed' }),
    buildAnalysis('users', 'none', { users_by_day: 'roll-up' }),
  ])
  for (const [month, rows] of Object.entries(files)) world.put('events', month, rows)
  world.run(everything)
  world.put('events', '2021-04', ['2021-04-17 zoe'])
  const { done } = world.run(buildRequest('run', 'users', 'all'))
  assert.ok(done.includes('events 2021-04') && done.includes('users all'))
})

test('running state that was never built is built from its beginning', () => {
  const world = buildEvents()
  world.put('events', '2021-06', ['2021-06-01 ann'])
  world.put('events', '2021-07', ['2021-07-01 ann'])
  world.run(buildRequest('rerun', 'events', '2021-03', '2021-04', '2021-05', '2021-06', '2021-07'))
  const { done } = world.run(buildRequest('run', 'known', '2021-07'))
  assert.deepEqual(
    done.filter((name) => name.startsWith('known')),
    ['known 2021-03', 'known 2021-04', 'known 2021-05', 'known 2021-06', 'known 2021-07'],
  )
  assert.deepEqual(world.published().get('known 2021-07'), ['ann', 'bob', 'cid', 'dot', 'eve'])
})

test('run of one month carries running state on through all later ones', () => {
  const world = buildEvents()
  world.put('events', '2021-06', ['2021-06-01 ann'])
  world.put('events', '2021-07', ['2021-07-01 ann'])
  world.run(everything)
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  const { done } = world.run(buildRequest('run', 'events', '2021-04'))
  assert.ok(done.includes('known 2021-07'), String(done))
})

test('run of a year reads the months that lie in it', () => {
  const world = buildEvents()
  world.put('events', '2020-12', ['2020-12-01 old'])
  const { done } = world.run(buildRequest('run', 'by_year', '2021'))
  assert.ok(done.includes('events 2021-03') && done.includes('by_year 2021'))
  assert.ok(!done.includes('events 2020-12'))
})

test('rerun takes exactly what is asked for, fresh or not, and pulls nothing along', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  const request = buildRequest('rerun', 'top_users', '2021-04')
  const planned = world.plan(request)
  assert.deepEqual(named(planned), ['top_users 2021-04'])
  const task = taskOf(planned, 'top_users', '2021-04')
  assert.deepEqual([task.forced, task.certainty, task.deferred], [true, 'certain', false])
  assert.deepEqual(causesOf(planned, 'top_users', '2021-04'), ['asked'])
  assert.deepEqual(world.run(request).done, ['top_users 2021-04'])
})

test('a rerun that changes nothing makes nothing stale', () => {
  const world = buildPublished()
  world.run(buildRequest('rerun', 'users_by_day'))
  world.run(buildRequest('rerun', 'events', '2021-04'))
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('a rerun of running state goes through its months in order', () => {
  const world = buildPublished()
  const { tasks } = world.plan(buildRequest('rerun', 'known'))
  assert.deepEqual(
    tasks.map(({ after }) => after),
    [[], [0], [1]],
  )
})

test('a rerun of a source alone plans nothing on', () => {
  const world = buildPublished()
  const planned = world.plan(buildRequest('rerun', 'events', '2021-04'))
  assert.deepEqual(
    planned.tasks.map(({ kind }) => kind),
    ['build'],
  )
  assert.deepEqual(planned.summary.later, [])
})

test('changed code makes its own partitions stale and their readers pending', () => {
  const world = buildPublished()
  world.deploy(buildDefinitions({ users_by_day: 'other code' }))
  assert.equal(world.stateOf('users_by_day', '2021-04-17'), 'stale')
  assert.equal(world.stateOf('top_users', '2021-04'), 'pending')
  assert.equal(world.stateOf('by_year', '2021'), 'pending')
  assert.equal(world.stateOf('by_period', '2021-04'), 'fresh')
  const planned = world.plan(everything)
  assert.deepEqual(causesOf(planned, 'users_by_day', '2021-04-17'), ['code'])
  assert.equal(taskOf(planned, 'users_by_day', '2021-04-17').certainty, 'certain')
  // The rows are the same, so nothing that reads them has to run.
  const { done } = world.run(everything)
  assert.ok(done.every((name) => name.startsWith('users_by_day')))
  assert.equal(done.length, 6)
})

test('changed code is certain to run, whatever comes of the inputs', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  world.deploy(buildDefinitions({ users_by_day: 'other code' }))
  const planned = world.plan(buildRequest('run', 'events', '2021-04'))
  assert.equal(taskOf(planned, 'users_by_day', '2021-04-17').certainty, 'certain')
  assert.equal(taskOf(planned, 'top_users', '2021-04').certainty, 'conditional')
})

test('what is pending only because of something that is not going to run is left alone', () => {
  const world = buildWorld([
    buildSource('a'),
    buildSource('b'),
    buildAnalysis('of_a', 'month', { a: 'same' }),
    buildAnalysis('of_both', 'month', { of_a: 'same', b: 'same' }),
  ])
  world.put('a', '2021-04', ['x'])
  world.put('b', '2021-04', ['y'])
  world.run(everything)
  world.deploy([
    buildSource('a'),
    buildSource('b', { code: 'reads better' }),
    buildAnalysis('of_a', 'month', { a: 'same' }),
    buildAnalysis('of_both', 'month', { of_a: 'same', b: 'same' }),
  ])
  assert.equal(world.stateOf('of_both', '2021-04'), 'pending')
  assert.deepEqual(world.plan(buildRequest('run', 'of_a')).tasks, [])
})

test('changed code of a source that nobody looked at is seen all the same', () => {
  const world = buildPublished()
  world.deploy(buildDefinitions({ events: 'reads better' }))
  assert.equal(world.stateOf('events', '2021-04'), 'stale')
  assert.deepEqual(causesOf(world.plan(everything), 'events', '2021-04'), ['code'])
})

test('staleness is transitive at any distance', () => {
  const world = buildPublished()
  world.put('events', '2021-03', [...(files['2021-03'] ?? []), '2021-03-01 new'])
  world.run(buildRequest('rerun', 'events', '2021-03'))
  assert.equal(world.stateOf('users_by_day', '2021-03-01'), 'stale')
  for (const [dataset, partition] of [
    ['companies', '2021-03'],
    ['known', '2021-03'],
    ['known', '2021-05'],
    ['by_year', '2021'],
  ] as const)
    assert.equal(world.stateOf(dataset, partition), 'pending', `${dataset} ${partition}`)
  assert.equal(world.stateOf('companies', '2021-04'), 'fresh')
})

test('a changed reference reaches all that reads it, when it is asked for or something asked for reads it', () => {
  const world = buildPublished()
  world.put('providers', 'all', ['gmail.com', 'mail.example'])
  world.compute('companies', (rows) => [...(rows.get('providers') ?? [])])
  assert.deepEqual(world.plan(buildRequest('run', 'top_users', '2021-04')).tasks, [])
  assert.ok(
    !named(world.plan(buildRequest('run', 'events', '2021-04'))).includes('companies 2021-05'),
  )
  const one = world.run(buildRequest('run', 'companies', '2021-04'))
  assert.deepEqual(one.done, [
    'companies 2021-04',
    'known 2021-04',
    'known 2021-05',
    'providers all',
  ])
  const rest = world.run(buildRequest('run', 'providers'))
  assert.deepEqual(rest.done.slice(0, 2), ['companies 2021-03', 'companies 2021-05'])
})

test('a source partition that nobody has seen is planned when it is named', () => {
  const world = buildEvents()
  const planned = world.plan(buildRequest('run', 'events', '2021-09'))
  assert.deepEqual(causesOf(planned, 'events', '2021-09'), ['missing'])
  const { ends } = world.run(buildRequest('run', 'events', '2021-09'))
  assert.deepEqual(ends, [
    { name: 'events 2021-09', end: 'failed' },
    // Never built, and read by what the events feed: it is built while they are read.
    { name: 'providers all', end: 'done' },
    { name: 'by_period 2021-09', end: 'skipped' },
    { name: 'expand', end: 'done' },
  ])
  assert.equal(world.stateOf('events', '2021-09'), undefined)
})

test('partitions that are named twice or nowhere to be found plan nothing twice and nothing wrong', () => {
  const world = buildPublished()
  assert.deepEqual(world.plan(buildRequest('run', 'top_users', '1999-01', '1999-01')).tasks, [])
  assert.deepEqual(world.plan(buildRequest('rerun', 'top_users', '1999-01')).tasks, [])
  world.put('events', '2021-04', ['2021-04-01 ann'])
  const names = named(world.plan(buildRequest('run', 'events', '2021-04', '2021-04')))
  assert.equal(names.filter((name) => name === 'events 2021-04').length, 1)
})

test('a failed task keeps what is published, skips what waits for it and is tried by the next run', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  world.failing.add('users_by_day 2021-04-17')
  const { ends } = world.run(everything)
  assert.deepEqual(
    ends.filter(({ end }) => end === 'skipped').map(({ name }) => name),
    ['top_users 2021-04', 'companies 2021-04', 'known 2021-04', 'known 2021-05', 'by_year 2021'],
  )
  assert.deepEqual(world.published().get('users_by_day 2021-04-17'), ['2021-04-17 dot'])
  assert.equal(world.stateOf('users_by_day', '2021-04-17'), 'failed')
  const planned = world.plan(everything)
  assert.deepEqual(taskOf(planned, 'users_by_day', '2021-04-17').causes, [
    { kind: 'failed', text: 'failed: failed on purpose' },
  ])
  world.failing.clear()
  assert.ok(world.run(everything).done.includes('top_users 2021-04'))
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('a file that cannot be read does not keep the others from being analysed', () => {
  const world = buildPublished()
  world.put('events', '2021-03', [...(files['2021-03'] ?? []), '2021-03-01 new'])
  world.deploy(buildDefinitions({ events: 'reads better' }))
  world.failing.add('events 2021-04')
  const { done } = world.run(everything)
  assert.ok(done.includes('top_users 2021-03'), String(done))
  assert.equal(world.stateOf('events', '2021-04'), 'failed')
  assert.deepEqual(world.published().get('top_users 2021-04'), ['ann', 'dot'])
})

test('a held version keeps the former one served, and its readers as they are', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  world.holding.add('events 2021-04')
  world.run(everything)
  assert.equal(world.stateOf('events', '2021-04'), 'fresh', 'nobody looked at the file')
  assert.deepEqual(causesOf(world.plan(everything), 'events', '2021-04'), ['held'])
  assert.equal(world.stateOf('top_users', '2021-04'), 'fresh')
  assert.deepEqual(world.published().get('top_users 2021-04'), ['ann', 'dot'])
})

test('nothing is computed around an input that was never published', () => {
  const world = buildEvents()
  world.holding.add('providers all')
  const first = world.run(everything)
  assert.ok(first.ends.some(({ name, end }) => name === 'companies 2021-04' && end === 'skipped'))
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  // The reference is not asked for and not stale, but held without a version.
  const second = world.run(buildRequest('run', 'users_by_day', '2021-04-17'))
  assert.deepEqual(
    second.ends.filter(({ name }) => name.startsWith('companies 2021-04')),
    [{ name: 'companies 2021-04', end: 'skipped' }],
  )
  assert.equal(world.published().get('companies 2021-04'), undefined)
})

test('an input that was undone to nothing is built before what reads it', () => {
  const world = buildWorld([
    buildSource('a'),
    buildSource('b'),
    buildAnalysis('of_both', 'month', { a: 'same', b: 'same' }),
  ])
  world.put('b', '2021-04', ['y'])
  const first = world.run(buildRequest('run', 'b', '2021-04'))
  world.undo(first)
  world.put('a', '2021-04', ['x'])
  assert.ok(world.run(buildRequest('run', 'a', '2021-04')).done.includes('b 2021-04'))
  assert.deepEqual(world.published().get('of_both 2021-04'), ['x', 'y'])
})

test('an undone partition stays stale, with its readers, until it is run again', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  const run = world.run(everything)
  world.undo(run)
  assert.deepEqual(world.published().get('top_users 2021-04'), ['ann', 'dot'])
  assert.equal(world.stateOf('users_by_day', '2021-04-17'), 'stale')
  const planned = world.plan(buildRequest('run', 'users_by_day', '2021-04-17'))
  assert.deepEqual(causesOf(planned, 'users_by_day', '2021-04-17'), ['undone'])
  assert.equal(taskOf(planned, 'users_by_day', '2021-04-17').certainty, 'certain')
  world.run(everything)
  assert.deepEqual(world.published().get('top_users 2021-04'), ['ann', 'dot', 'zoe'])
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('undoing the first run leaves nothing served, and all of it to be built again', () => {
  const world = buildEvents()
  world.undo(world.run(everything))
  assert.equal(world.published().size, 0)
  assert.equal(world.stateOf('top_users', '2021-04'), 'missing')
  assert.deepEqual(causesOf(world.plan(everything), 'events', '2021-04'), ['undone'])
  world.run(everything)
  assert.deepEqual(world.published().get('top_users 2021-04'), ['ann', 'dot'])
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('a volatile dataset that was built is fresh until something that it reads changes', () => {
  const definitions = buildDefinitions().map((own) =>
    own.name === 'users_by_day' && own.kind === 'analysis' ? { ...own, volatile: true } : own,
  )
  const world = buildWorld(definitions)
  world.put('providers', 'all', [])
  world.put('events', '2021-04', files['2021-04'] ?? [])
  world.run(everything)
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('while a source is about to be read, what it feeds waits for the expand', () => {
  const world = buildPublished()
  world.put('events', '2021-06', ['2021-05-31 fay', '2021-06-01 ann'])
  // May would be stale by itself; it must not run before June's file has told what it holds.
  world.deploy(buildDefinitions({ top_users: 'other code' }))
  const planned = world.plan(everything)
  const may = taskOf(planned, 'top_users', '2021-05')
  assert.equal(may.deferred, true)
  assert.equal(taskOf(planned, 'by_period', '2021-06').deferred, false)
  const expand = planned.tasks.at(-1)
  assert.equal(expand?.kind, 'expand')
  assert.deepEqual(expand?.after, [taskOf(planned, 'events', '2021-06').index])
  const { ends } = world.run(everything)
  assert.equal(ends.filter(({ name }) => name === 'top_users 2021-05').length, 1)
  assert.deepEqual(world.published().get('top_users 2021-05'), ['eve', 'fay'])
  assert.deepEqual(world.plan(everything).tasks, [])
})

test('the plan foretells the datasets that the request reaches, and no others', () => {
  const world = buildEvents()
  const { summary } = world.plan(buildRequest('run', 'top_users', '2021-04'))
  assert.deepEqual(summary.later, [
    { dataset: 'users_by_day', grain: 'day', reads: 'events (observed)' },
    { dataset: 'top_users', grain: 'month', reads: 'users_by_day (roll-up)' },
    { dataset: 'by_year', grain: 'year', reads: 'top_users (roll-up)' },
  ])
})

test('the summary counts what is certain and what may turn out unchanged', () => {
  const world = buildPublished()
  world.put('events', '2021-04', [...(files['2021-04'] ?? []), '2021-04-17 zoe'])
  const { summary } = world.plan(everything)
  const of = (dataset: string) => summary.datasets.find((own) => own.dataset === dataset)
  assert.deepEqual(of('events'), {
    dataset: 'events',
    certain: 1,
    conditional: 0,
    first: '2021-04',
    last: '2021-04',
  })
  assert.deepEqual(of('users_by_day'), {
    dataset: 'users_by_day',
    certain: 0,
    conditional: 3,
    first: '2021-03-31',
    last: '2021-04-17',
  })
})

test('one key of a period is planned with what that key reads, and nothing of the others', () => {
  const exam = { key: { name: 'exam', values: null } }
  const world = buildWorld([
    buildSource('scores', { key: 'exam' }),
    buildAnalysis(
      'ranks',
      { grain: 'month', ...exam, shards: { count: 2, by: 'l' } },
      { scores: 'same' },
    ),
  ])
  for (const cell of ['2021-04:a', '2021-04:b', '2021-05:a'])
    world.put('scores', cell, [`${cell} x`])
  const named = (...partitions: string[]) =>
    world
      .plan(buildRequest('run', 'ranks', ...partitions))
      .tasks.map(({ dataset, partition }) => `${dataset} ${partition}`)
  assert.deepEqual(named('2021-04:a'), [
    'scores 2021-04:a',
    'ranks 2021-04:a:#0/2',
    'ranks 2021-04:a:#1/2',
  ])
  assert.deepEqual(
    named(':b').filter((name) => name.startsWith('scores')),
    ['scores 2021-04:b'],
  )
  assert.equal(named('2021-04').length, 2 + 4)
})

test('a run that died is finished by the next one', () => {
  const world = buildEvents()
  for (let after = 1; after < 24; after++) world.run(everything, { stopAfter: 1 })
  world.run(everything)
  assert.deepEqual(world.plan(everything).tasks, [])
  assert.deepEqual(world.published(), buildPublished().published())
})
