import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { PlanRequest } from '#model/plan.ts'
import { buildAnalysis, buildRequest, buildSource } from '../../test/support/build-definitions.ts'
import { buildWorld, type World } from '../../test/support/build-world.ts'

const definitions = [
  buildSource('events', { observes: 'day' }),
  buildAnalysis('by_day', 'day', { events: 'observed' }),
  buildAnalysis('by_month', 'month', { by_day: 'roll-up' }),
]

/** Two months, read and computed. */
function loaded(): World {
  const world = buildWorld(definitions)
  world.put('events', '2021-04', ['2021-04-01 ann', '2021-04-02 bob'])
  world.put('events', '2021-05', ['2021-05-01 cid'])
  world.run(buildRequest('run'))
  return world
}

function namesOf(world: World, request: PlanRequest): string[] {
  return world.plan(request).tasks.map(({ dataset, partition }) => `${dataset} ${partition}`)
}

test('without downstream only the partitions asked for and what they need are planned', () => {
  const world = loaded()
  world.put('events', '2021-04', ['2021-04-01 eve', '2021-04-02 bob'])
  const request = buildRequest('run', 'events', '2021-04')
  assert.deepEqual(namesOf(world, { ...request, downstream: false }), ['events 2021-04'])
  assert.deepEqual(world.run({ ...request, downstream: false }).done, ['events 2021-04'])
  assert.equal(world.stateOf('by_day', '2021-04-01'), 'stale')
  assert.equal(world.stateOf('by_month', '2021-04'), 'pending')
})

test('without upstream stale inputs stay as they are, and holes are filled all the same', () => {
  const world = loaded()
  world.deploy(
    [
      definitions[0],
      buildAnalysis('by_day', 'day', { events: 'observed' }, { code: 'b' }),
      definitions[2],
    ].flatMap((one) => one ?? []),
  )
  const month = { ...buildRequest('run', 'by_month', '2021-04'), upstream: false }
  assert.deepEqual(namesOf(world, month), [])
  const fresh = buildWorld(definitions)
  fresh.put('events', '2021-04', ['2021-04-01 ann'])
  fresh.run({ ...buildRequest('run', 'events'), downstream: false })
  assert.deepEqual(namesOf(fresh, { ...month, downstream: false }), [
    'by_day 2021-04-01',
    'by_month 2021-04',
  ])
})

test('only what failed is tried again, with what it left undone', () => {
  const world = loaded()
  world.deploy(
    [
      definitions[0],
      buildAnalysis('by_day', 'day', { events: 'observed' }, { code: 'b' }),
      definitions[2],
    ].flatMap((one) => one ?? []),
  )
  world.failing.add('by_day 2021-04-02')
  world.run(buildRequest('run', 'by_day', '2021-04-01', '2021-04-02'))
  world.failing.clear()
  const request: PlanRequest = { ...buildRequest('run', 'by_day'), only: ['failed'] }
  assert.deepEqual(namesOf(world, request), ['by_day 2021-04-02', 'by_month 2021-04'])
  assert.equal(world.stateOf('by_day', '2021-05-01'), 'stale')
  world.run(request)
  assert.equal(world.stateOf('by_day', '2021-04-02'), 'fresh')
  assert.equal(world.stateOf('by_day', '2021-05-01'), 'stale', 'what is only stale is left alone')
})

test('a source that failed brings what it feeds, though nothing of it is failed any more by then', () => {
  const world = buildWorld(definitions)
  world.put('events', '2021-04', ['2021-04-01 ann'])
  world.put('events', '2021-05', ['2021-05-01 cid'])
  world.failing.add('events 2021-04')
  world.run(buildRequest('run', 'events'))
  world.failing.clear()
  const { done } = world.run({ ...buildRequest('run', 'events'), only: ['failed'] })
  assert.deepEqual(done, ['by_day 2021-04-01', 'by_month 2021-04', 'events 2021-04'])
})

test('what is missing and turns up while sources are read is found by its state', () => {
  const world = buildWorld(definitions)
  world.put('events', '2021-04', ['2021-04-01 ann'])
  const { done } = world.run({ ...buildRequest('run'), only: ['missing'] })
  assert.deepEqual(done, ['by_day 2021-04-01', 'by_month 2021-04', 'events 2021-04'])
})

test('a rerun with downstream computes its targets, and their readers only where they differ', () => {
  const world = loaded()
  world.compute('by_day', (rows, key) =>
    key === '2021-04-01' ? ['other'] : [...(rows.get('events') ?? [])].sort(),
  )
  const request: PlanRequest = {
    ...buildRequest('rerun'),
    targets: [{ dataset: 'by_day', partitions: ['2021-04-02', '2021-05-01'] }],
    downstream: true,
  }
  const plan = world.plan(request)
  assert.deepEqual(
    plan.tasks.map(({ dataset, partition, forced, certainty }) => [
      dataset,
      partition,
      forced,
      certainty,
    ]),
    [
      ['by_day', '2021-04-02', true, 'certain'],
      ['by_day', '2021-05-01', true, 'certain'],
      ['by_month', '2021-04', false, 'conditional'],
      ['by_month', '2021-05', false, 'conditional'],
    ],
  )
  const { done } = world.run(request)
  assert.deepEqual(done, ['by_day 2021-04-02', 'by_day 2021-05-01'])
  const first: PlanRequest = {
    ...request,
    targets: [{ dataset: 'by_day', partitions: ['2021-04-01'] }],
  }
  assert.deepEqual(world.run(first).done, ['by_day 2021-04-01', 'by_month 2021-04'])
})

test('exact places are planned alone, whatever else is missing', () => {
  const world = buildWorld(definitions)
  world.put('events', '2021-04', ['2021-04-01 ann', '2021-04-02 bob'])
  world.run({ ...buildRequest('run', 'events'), downstream: false })
  const request: PlanRequest = {
    ...buildRequest('run'),
    targets: [{ dataset: 'by_day', partitions: ['2021-04-02'] }],
    downstream: false,
  }
  assert.deepEqual(world.run(request).done, ['by_day 2021-04-02'])
})
