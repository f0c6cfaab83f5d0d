import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { seededRandom } from '#kernel/random.ts'
import { buildGraph } from '#model/build-graph.ts'
import type { DatasetDefinition, Partitioning } from '#model/definition.ts'
import { nodeOf } from '#model/graph.ts'
import { parseRange } from '#model/partition-key.ts'
import type { Plan } from '#model/plan.ts'
import { forEachPart } from '#model/slices.ts'
import { buildAnalysis, buildRequest, buildSource } from '../../test/support/build-definitions.ts'
import { buildWorld, type Run, type World } from '../../test/support/build-world.ts'

const grains = ['none', 'year', 'month', 'day'] as const
const everything = buildRequest('run')
const months = parseRange('2021-01..2021-04', 'month')
const days = parseRange('2021-01..2021-04', 'day').filter((_day, index) => index % 13 < 2)
const exams = ['exam-1', 'exam-2', 'a%3Ab']
const cells = months.flatMap((month) => exams.map((exam) => `${month}:${exam}`))
const runs = { numRuns: 40 }

type Inputs = Parameters<typeof buildAnalysis>[2]

interface Chance {
  upTo(count: number): number
  happens(oneIn: number): boolean
  pick<T>(list: readonly T[]): T
}

function chanceOf(seed: number): Chance {
  const random = seededRandom(seed)
  const upTo = (count: number) => Math.floor(random.next() * count)
  return {
    upTo,
    happens: (oneIn) => upTo(oneIn) === 0,
    pick: (list) => list[upTo(list.length)] as (typeof list)[number],
  }
}

/** Sources of three kinds and some analyses over them and each other, with every mapping that fits. */
function anyDefinitions(chance: Chance, code = ''): DatasetDefinition[] {
  const definitions: DatasetDefinition[] = [
    buildSource('files', { observes: 'day' }),
    buildSource('plain', { grain: 'day' }),
    buildSource('reference', { reference: true }),
    buildSource('keyed', { key: 'exam' }),
    buildSource('seen', { key: 'exam', observes: 'day' }),
  ]
  const count = 2 + chance.upTo(5)
  for (let number = 0; number < count; number++) {
    const cut = anyCut(chance)
    const { grain } = cut
    const inputs: Record<string, Inputs[string]> = {}
    for (let wanted = 1 + chance.upTo(2); wanted > 0; wanted--) {
      const upstream = chance.pick(definitions)
      const mapping = anyMapping(chance, upstream, grain)
      if (mapping === null) continue
      const whole = typeof mapping === 'string' && chance.happens(6)
      inputs[upstream.name] = whole ? (`${mapping} whole` as Inputs[string]) : mapping
    }
    const name = `analysis_${number}`
    if (grain !== 'none' && chance.happens(3)) inputs[name] = 'previous'
    definitions.push(buildAnalysis(name, cut, inputs, { code: `${name} ${code}` }))
  }
  return definitions
}

/** Half of them by time alone; the others by a registered or a static key, by shards, or by both. */
function anyCut(chance: Chance): Partitioning & { readonly grain: (typeof grains)[number] } {
  const grain = chance.pick(grains)
  if (chance.happens(2)) return { grain }
  const values = chance.happens(3) ? ['exam-2', 'exam-3'] : null
  const key = { key: { name: 'exam', values } }
  const shards = { shards: { count: chance.pick([2, 3]), by: 'letter' } }
  return chance.pick([
    { grain, ...key },
    { grain, ...shards },
    { grain, ...key, ...shards },
  ])
}

function anyMapping(
  chance: Chance,
  upstream: DatasetDefinition,
  grain: (typeof grains)[number],
): Inputs[string] | null {
  const own = upstream.partitioning.grain
  const observes = upstream.kind === 'source' && upstream.observes !== undefined
  if (own === 'none') return 'all'
  if (observes && grain !== 'none' && chance.happens(2)) return 'observed'
  if (own === grain) return chance.pick<Inputs[string]>(['same', 'same', 'through', 'all', 1, 2])
  const finer = grains.indexOf(own as typeof grain) > grains.indexOf(grain)
  return finer ? chance.pick(['roll-up', 'roll-up', 'all'] as const) : null
}

function putAnything(world: World, chance: Chance): void {
  const letters = () => chance.pick(['a', 'b', 'c', 'd'])
  const source = chance.pick(['files', 'files', 'plain', 'reference', 'keyed', 'seen'])
  if (source === 'reference') return world.put(source, 'all', [`${letters()} known`])
  const isKeyed = source === 'keyed' || source === 'seen'
  const key = chance.pick(isKeyed ? cells : source === 'files' ? months : days)
  // Mostly rows of its own time, some of the days around it.
  const near = days.filter(
    (day) => day.startsWith(key.slice(0, isKeyed ? 7 : 10)) || chance.happens(5),
  )
  const rows = near.filter(() => !chance.happens(3)).map((day) => `${day} ${letters()}`)
  world.put(source, key, rows)
}

function buildAnyWorld(definitions: readonly DatasetDefinition[]): World {
  const world = buildWorld(definitions)
  world.put('reference', 'all', ['a known'])
  for (const [index, { name }] of definitions.entries()) {
    // Every second one forgets most of what it reads, so that changes often come out equal.
    if (index % 2 === 0) continue
    world.compute(name, (rows) =>
      [...new Set([...rows.values()].flat().map((row) => row.slice(-1)))].sort(),
    )
  }
  return world
}

function anyRequest(chance: Chance, definitions: readonly DatasetDefinition[]) {
  const mode = chance.happens(4) ? 'rerun' : 'run'
  if (mode === 'run' && chance.happens(3)) return everything
  const { name, partitioning } = chance.pick(definitions)
  if (partitioning.grain === 'none' || chance.happens(3)) return buildRequest(mode, name)
  const periods = { year: ['2021'], month: months, day: days, hour: [] }[partitioning.grain]
  const anyKey = () => {
    const key = partitioning.key && chance.happens(2) ? `:${chance.pick(exams)}` : ''
    const shard = partitioning.shards && chance.happens(3) ? `:#1/${partitioning.shards.count}` : ''
    return `${chance.pick(periods)}${key}${shard}`
  }
  return buildRequest(mode, name, anyKey(), anyKey())
}

function assertSound(plan: Plan): void {
  for (const [index, task] of plan.tasks.entries()) {
    assert.equal(task.index, index)
    assert.ok(task.causes.length > 0, `${task.dataset} ${task.partition} has no cause`)
    assert.ok(task.causes.every(({ text }) => text.length > 0))
    assert.ok(
      task.after.every((before) => before < index),
      'a task comes before what it waits for',
    )
    assert.equal(new Set(task.after).size, task.after.length)
    if (task.state === 'fresh') assert.ok(task.forced)
  }
  const names = plan.tasks.map(({ kind, dataset, partition }) => `${kind} ${dataset} ${partition}`)
  assert.equal(new Set(names).size, names.length, 'a task is planned twice')
}

/** Some of a life: files come and change, code changes, runs of all kinds fail, die and are undone. */
function live(chance: Chance, seed: number): { world: World; definitions: DatasetDefinition[] } {
  const shape = chance.upTo(2 ** 31)
  let definitions = anyDefinitions(chanceOf(shape))
  const world = buildAnyWorld(definitions)
  const runs: Run[] = []
  const random = seededRandom(seed)
  for (let step = 0; step < 12; step++) {
    for (let changes = chance.upTo(4); changes > 0; changes--) putAnything(world, chance)
    if (chance.happens(6)) {
      definitions = anyDefinitions(chanceOf(shape), `deployed at ${step}`)
      world.deploy(definitions)
    }
    const bad = `${chance.pick(definitions).name} ${chance.pick([...months, ...days, ...cells, '2021', 'all', '#1/2'])}`
    if (chance.happens(3)) world.failing.add(bad)
    if (chance.happens(4)) world.holding.add(bad)
    const request = anyRequest(chance, definitions)
    const plan = world.plan(request)
    assertSound(plan)
    assert.deepEqual(world.plan(request), plan, 'planning twice gives the same plan')
    runs.push(
      world.run(request, { random, ...(chance.happens(4) ? { stopAfter: chance.upTo(6) } : {}) }),
    )
    world.failing.clear()
    world.holding.clear()
    if (chance.happens(5)) world.undo(chance.pick(runs))
  }
  return { world, definitions }
}

test('whatever happened before, one run of everything leaves nothing to do', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { world, definitions } = live(chanceOf(seed), seed)
      const { ends } = world.run(everything, { random: seededRandom(seed) })
      const missing = ends.filter(({ end }) => end !== 'done' && end !== 'unchanged')
      assert.deepEqual(missing, [])
      assert.deepEqual(world.plan(everything).tasks, [])
      for (const { name } of definitions) {
        assert.deepEqual(world.plan(buildRequest('run', name)).tasks, [], name)
      }
    }),
    runs,
  )
})

test('what is served in the end is what a first run from the same files and code gives', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { world, definitions } = live(chanceOf(seed), seed)
      world.run(everything)
      const fresh = buildAnyWorld(definitions)
      for (const [name, rows] of world.files()) {
        fresh.put(name.slice(0, name.indexOf(' ')), name.slice(name.indexOf(' ') + 1), rows)
      }
      fresh.run(everything)
      const served = world.published()
      for (const [name, rows] of fresh.published()) assert.deepEqual(served.get(name), rows, name)
    }),
    runs,
  )
})

test('a run of one dataset touches only that, what it reads and what reads it', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const chance = chanceOf(seed)
      const { world, definitions } = live(chance, seed)
      const { name } = chance.pick(definitions)
      const upstream = new Set<string>([name])
      for (const own of definitions.toReversed())
        if (own.kind === 'analysis' && upstream.has(own.name))
          for (const { dataset } of own.inputs) upstream.add(dataset)
      const downstream = new Set<string>([name])
      for (const own of definitions)
        if (own.kind === 'analysis' && own.inputs.some(({ dataset }) => downstream.has(dataset)))
          downstream.add(own.name)
      const before = world.published()
      const { done } = world.run(buildRequest('run', name))
      for (const task of done) {
        const dataset = task.slice(0, task.indexOf(' '))
        const related = upstream.has(dataset) || downstream.has(dataset)
        // Beside them only what was never published and something downstream would be computed without.
        assert.ok(related || !before.has(task), task)
      }
    }),
    runs,
  )
})

/** `dataset partition` of all that reads these, directly or through others, asked of each reader. */
function readersOf(world: World, definitions: readonly DatasetDefinition[], names: string[]) {
  const touched = new Set(names)
  const graph = buildGraph(definitions, world.states())
  for (const { definition, domain } of graph.values()) {
    if (definition.kind === 'source') continue
    for (const partition of domain) {
      for (const input of definition.inputs) {
        forEachPart(graph, definition.partitioning, input, partition, ({ position }) => {
          const read = `${input.dataset} ${nodeOf(graph, input.dataset).domain[position]}`
          if (touched.has(read)) touched.add(`${definition.name} ${partition}`)
        })
      }
    }
  }
  return touched
}

test('a changed file touches what reads it, and nothing else', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const chance = chanceOf(seed)
      const definitions = anyDefinitions(chance)
      const world = buildAnyWorld(definitions)
      for (const cell of cells) {
        world.put('keyed', cell, [`${cell.slice(0, 7)}-01 a`, `${cell.slice(0, 7)}-01 b`])
        world.put('seen', cell, [`${cell.slice(0, 7)}-01 a`, `${cell.slice(0, 7)}-14 c`])
      }
      for (const day of days) world.put('plain', day, [`${day} d`])
      world.run(everything)
      const changed = chance.pick(cells)
      world.put('keyed', changed, [`${changed.slice(0, 7)}-01 z`])
      const { done } = world.run(everything)
      const readers = readersOf(world, definitions, [`keyed ${changed}`])
      assert.ok(done.includes(`keyed ${changed}`))
      for (const task of done) assert.ok(readers.has(task), task)
    }),
    runs,
  )
})

test('a rerun executes exactly the partitions that were named', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const chance = chanceOf(seed)
      const { world, definitions } = live(chance, seed)
      world.run(everything)
      const { name } = chance.pick(definitions)
      const own = [...world.published().keys()].filter((key) => key.startsWith(`${name} `))
      const wanted = own.filter(() => chance.happens(2))
      if (wanted.length === 0) return
      const keys = wanted.map((key) => key.slice(name.length + 1))
      assert.deepEqual(world.run(buildRequest('rerun', name, ...keys)).done, wanted.sort())
      assert.deepEqual(world.plan(everything).tasks, [], 'a rerun that changes nothing')
    }),
    runs,
  )
})
