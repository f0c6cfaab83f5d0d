import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { buildGraph } from '#model/build-graph.ts'
import type { Input, Mapping, Partitioning } from '#model/definition.ts'
import { nodeOf, type Graph } from '#model/graph.ts'
import { parseRange, type PartitionKey } from '#model/partition-key.ts'
import { forEachPart, forEachReader } from '#model/slices.ts'
import { buildAnalysis, buildSource, buildState } from '../../test/support/build-definitions.ts'

function partsOf(graph: Graph, reader: string, key: PartitionKey): string[] {
  const { definition } = nodeOf(graph, reader)
  assert.equal(definition.kind, 'analysis')
  const parts: string[] = []
  for (const input of definition.inputs) {
    forEachPart(graph, definition.partitioning, input, key, ({ position, value, live }) => {
      const name = nodeOf(graph, input.dataset).domain[position]
      parts.push(`${name}${value === null ? '' : `/${value}`}${live ? '' : ' gone'}`)
    })
  }
  return parts
}

function published(...keys: PartitionKey[]) {
  return Object.fromEntries(
    keys.map((key) => [key, { fingerprint: `f ${key}`, dataVersion: `d ${key}` }]),
  )
}

function graphOf(
  upstream: 'day' | 'month',
  keys: PartitionKey[],
  reader: 'day' | 'month' | 'year' | 'none',
  mapping: Exclude<Mapping['kind'], 'lookback'> | number,
): Graph {
  return buildGraph(
    [
      buildSource('events', { grain: upstream }),
      buildAnalysis('reader', reader, { events: mapping }),
    ],
    new Map([['events', buildState('events', published(...keys))]]),
  )
}

test('same: a partition reads the one of its own name', () => {
  const graph = graphOf('month', ['2021-03', '2021-04'], 'month', 'same')
  assert.deepEqual(partsOf(graph, 'reader', '2021-04'), ['2021-04'])
  assert.deepEqual(partsOf(graph, 'reader', '2021-05'), [])
})

test('roll-up: a month reads its days, a year its months, and the whole everything', () => {
  const days = ['2021-03-31', '2021-04-01', '2021-04-30', '2021-05-01']
  const months = graphOf('day', days, 'month', 'roll-up')
  assert.deepEqual(nodeOf(months, 'reader').domain, ['2021-03', '2021-04', '2021-05'])
  assert.deepEqual(partsOf(months, 'reader', '2021-04'), ['2021-04-01', '2021-04-30'])
  const whole = graphOf('day', days, 'none', 'roll-up')
  assert.deepEqual(partsOf(whole, 'reader', 'all'), days)
})

test('lookback: so many calendar periods before, however many of them exist', () => {
  const graph = graphOf('day', ['2021-02-26', '2021-02-27', '2021-03-02'], 'day', 3)
  assert.deepEqual(partsOf(graph, 'reader', '2021-03-02'), ['2021-02-27', '2021-03-02'])
  assert.deepEqual(partsOf(graph, 'reader', '2021-03-01'), ['2021-02-26', '2021-02-27'])
})

test('through: all up to and with its own period', () => {
  const graph = graphOf('day', ['2021-03-01', '2021-03-02', '2021-03-04'], 'day', 'through')
  assert.deepEqual(partsOf(graph, 'reader', '2021-03-02'), ['2021-03-01', '2021-03-02'])
  assert.deepEqual(partsOf(graph, 'reader', '2021-03-03'), ['2021-03-01', '2021-03-02'])
})

test('all: every partition', () => {
  const graph = graphOf('month', ['2021-03', '2021-05'], 'none', 'all')
  assert.deepEqual(partsOf(graph, 'reader', 'all'), ['2021-03', '2021-05'])
})

test('previous: its own former partition, across gaps', () => {
  const graph = buildGraph(
    [buildSource('events'), buildAnalysis('known', 'month', { events: 'same', known: 'previous' })],
    new Map([
      ['events', buildState('events', published('2021-01', '2021-04'))],
      ['known', buildState('known', published('2021-01', '2021-04'))],
    ]),
  )
  assert.deepEqual(partsOf(graph, 'known', '2021-04'), ['2021-04', '2021-01'])
  assert.deepEqual(partsOf(graph, 'known', '2021-01'), ['2021-01'])
  const known = nodeOf(graph, 'known')
  const later: number[] = []
  for (const position of [0, 1]) {
    const input: Input = { dataset: 'known', mapping: { kind: 'previous' } }
    forEachReader(known, input, known, position, (next) => later.push(next))
  }
  assert.deepEqual(later, [1])
})

test('observed: every file that recorded the day, and only that value of it', () => {
  const value = (day: string, rows = 1) => ({ value: day, dataVersion: `v ${day}`, rows })
  const graph = buildGraph(
    [
      buildSource('events', { observes: 'day' }),
      buildAnalysis('by_day', 'day', { events: 'observed' }),
    ],
    new Map([
      [
        'events',
        buildState('events', {
          '2021-03': { observed: [value('2021-03-31'), value('2021-03-30')] },
          '2021-04': { observed: [value('2021-03-31'), value('2021-04-01', 0)] },
        }),
      ],
    ]),
  )
  assert.deepEqual(nodeOf(graph, 'by_day').domain, ['2021-03-30', '2021-03-31', '2021-04-01'])
  assert.deepEqual(partsOf(graph, 'by_day', '2021-03-31'), [
    '2021-03/2021-03-31',
    '2021-04/2021-03-31',
  ])
  assert.deepEqual(partsOf(graph, 'by_day', '2021-04-01'), ['2021-04/2021-04-01 gone'])
})

const exam = { key: { name: 'exam', values: null } } as const
const four = { shards: { count: 4, by: 'email' } } as const
const two = { shards: { count: 2, by: 'email' } } as const

function cutGraph(
  theirs: Partitioning,
  keys: readonly PartitionKey[],
  own: Partitioning,
  mapping: Parameters<typeof buildAnalysis>[2][string],
): Graph {
  // Only sources may be unread; a sharded input is an analysis that reads itself alone.
  return buildGraph(
    [
      buildAnalysis('events', theirs, { events: 'previous' }),
      buildAnalysis('reader', own, { events: mapping }),
    ],
    new Map([['events', buildState('events', published(...keys))]]),
  )
}

const month = { grain: 'month' } as const
const cells = ['2021-03:a', '2021-03:b', '2021-04:a', '2021-05:a', '2021-05:b']
const dealt = (keys: readonly string[], count: number) =>
  keys.flatMap((key) => Array.from({ length: count }, (_one, n) => `${key}:#${n}/${count}`))

test('a dimension that both have is read value by value, under every mapping', () => {
  const keyed = { ...month, ...exam }
  const expected: [Parameters<typeof cutGraph>[3], string[]][] = [
    ['same', ['2021-05:b']],
    [2, ['2021-03:b', '2021-05:b']],
    ['through', ['2021-03:b', '2021-05:b']],
    ['all', ['2021-03:b', '2021-05:b']],
  ]
  for (const [mapping, parts] of expected) {
    assert.deepEqual(partsOf(cutGraph(keyed, cells, keyed, mapping), 'reader', '2021-05:b'), parts)
    const sharded = { ...keyed, ...four }
    assert.deepEqual(
      partsOf(cutGraph(sharded, dealt(cells, 4), sharded, mapping), 'reader', '2021-05:b:#3/4'),
      parts.map((part) => `${part}:#3/4`),
    )
  }
  const ever = cutGraph(keyed, cells, { grain: 'none', ...exam }, 'roll-up')
  assert.deepEqual(nodeOf(ever, 'reader').domain, ['a', 'b'])
  assert.deepEqual(partsOf(ever, 'reader', 'b'), ['2021-03:b', '2021-05:b'])
})

test('a dimension that the reader lacks is read in all its values', () => {
  const keyed = { ...month, ...exam }
  const months = cutGraph(keyed, cells, month, 'same')
  assert.deepEqual(nodeOf(months, 'reader').domain, ['2021-03', '2021-04', '2021-05'])
  assert.deepEqual(partsOf(months, 'reader', '2021-05'), ['2021-05:a', '2021-05:b'])
  const sharded = { ...keyed, ...two }
  const byKey = cutGraph(sharded, dealt(cells, 2), keyed, 'same')
  assert.deepEqual(nodeOf(byKey, 'reader').domain, cells)
  assert.deepEqual(partsOf(byKey, 'reader', '2021-05:b'), dealt(['2021-05:b'], 2))
  const whole = cutGraph(sharded, dealt(cells, 2), { grain: 'none' }, 'roll-up')
  assert.deepEqual(partsOf(whole, 'reader', 'all'), dealt(cells, 2))
})

test('a dimension that the input lacks leaves its whole partition to every value', () => {
  const keys = ['2021-03', '2021-04']
  const sharded = cutGraph(month, keys, { ...month, ...two }, 'same')
  assert.deepEqual(nodeOf(sharded, 'reader').domain, dealt(keys, 2))
  assert.deepEqual(partsOf(sharded, 'reader', '2021-04:#1/2'), ['2021-04'])
  const letters = { ...month, key: { name: 'letter', values: ['b', 'a c'] } }
  const listed = cutGraph(month, keys, letters, 'same')
  assert.deepEqual(nodeOf(listed, 'reader').domain, [
    '2021-03:a%20c',
    '2021-03:b',
    '2021-04:a%20c',
    '2021-04:b',
  ])
  assert.deepEqual(partsOf(listed, 'reader', '2021-04:b'), ['2021-04'])
})

test('an input that is sharded otherwise, or read whole, is read in all its shards and keys', () => {
  const cut = { ...month, ...exam, ...four }
  const other = cutGraph({ ...month, ...exam, ...two }, dealt(cells, 2), cut, 'same')
  assert.deepEqual(partsOf(other, 'reader', '2021-05:b:#3/4'), dealt(['2021-05:b'], 2))
  const whole = cutGraph({ ...month, ...exam }, cells, cut, 'same whole')
  assert.deepEqual(partsOf(whole, 'reader', '2021-05:b:#3/4'), ['2021-05:a', '2021-05:b'])
})

test('previous: the former partition of the same key and shard', () => {
  const cut = { ...month, ...exam, ...two }
  const graph = cutGraph(cut, dealt(cells, 2), cut, 'same')
  assert.deepEqual(partsOf(graph, 'events', '2021-05:b:#1/2'), ['2021-03:b:#1/2'])
  assert.deepEqual(partsOf(graph, 'events', '2021-03:b:#1/2'), [])
})

test('a registered key is expected in every period of other inputs, from its first on', () => {
  const reader = buildAnalysis('reader', { ...month, ...exam }, { scores: 'same', terms: 'same' })
  const graph = buildGraph(
    [buildSource('scores', { key: 'exam' }), buildSource('terms'), reader],
    new Map([
      ['scores', buildState('scores', published('2021-03:a', '2021-04:b'))],
      ['terms', buildState('terms', published('2021-02', '2021-04', '2021-05'))],
    ]),
  )
  assert.deepEqual(nodeOf(graph, 'reader').domain, [
    '2021-03:a',
    '2021-04:a',
    '2021-04:b',
    '2021-05:a',
    '2021-05:b',
  ])
})

test('partitions of a former cut are no part of the grid', () => {
  const graph = cutGraph(
    { ...month, ...exam },
    ['2021-03', '2021-03:a', '2021-03:a:#0/2'],
    month,
    'same',
  )
  assert.deepEqual(nodeOf(graph, 'events').domain, ['2021-03:a'])
})

test('over keys and shards, too, readers are exactly those that have the partition among their parts', () => {
  const letters = { key: { name: 'exam', values: ['a', 'b', 'c'] } }
  const dimensions = [{}, exam, letters, two, four, { ...exam, ...two }, { ...letters, ...four }]
  const kinds: [Parameters<typeof cutGraph>[3], 'day' | 'month' | 'none'][] = [
    ['same', 'day'],
    ['roll-up', 'month'],
    ['roll-up', 'none'],
    [2, 'day'],
    ['through', 'day'],
    ['all', 'none'],
    ['same whole', 'day'],
    ['observed', 'day'],
    ['observed', 'month'],
  ]
  const days = parseRange('2021-03-28..2021-04-03', 'day')
  const grid = days.flatMap((day) => ['a', 'b', 'd'].map((value) => `${day}:${value}`))
  fc.assert(
    fc.property(
      fc.subarray(grid, { minLength: 1 }),
      fc.constantFrom(...dimensions),
      fc.constantFrom(...dimensions),
      fc.constantFrom(...kinds),
      (keys, between, own, [mapping, grain]) => {
        const isObserved = mapping === 'observed'
        const partitions = Object.fromEntries(
          keys.map((key) => {
            const observed = [{ value: key.slice(0, 10), dataVersion: 'v', rows: 1 }]
            return [key, { fingerprint: 'f', dataVersion: 'd', ...(isObserved && { observed }) }]
          }),
        )
        const graph = buildGraph(
          [
            buildSource('scores', {
              grain: 'day',
              key: 'exam',
              ...(isObserved && { observes: 'day' }),
            }),
            buildAnalysis('events', { grain: 'day', ...between }, { scores: 'same' }),
            buildAnalysis(
              'reader',
              { grain, ...own },
              isObserved ? { scores: mapping } : { events: mapping },
            ),
          ],
          new Map([['scores', buildState('scores', partitions)]]),
        )
        const node = nodeOf(graph, 'reader')
        const [input] = (node.definition.kind === 'analysis' && node.definition.inputs) || []
        assert.ok(input)
        const upstream = nodeOf(graph, input.dataset)
        const forward = new Set<string>()
        for (const [position, key] of node.domain.entries()) {
          forEachPart(graph, { grain, ...own }, input, key, (part) =>
            forward.add(`${part.position} ${position}`),
          )
        }
        const backward = new Set<string>()
        for (const position of upstream.domain.keys()) {
          forEachReader(node, input, upstream, position, (next) =>
            backward.add(`${position} ${next}`),
          )
        }
        assert.deepEqual([...backward].sort(), [...forward].sort())
      },
    ),
    { numRuns: 300 },
  )
})

test('readers are exactly those that have the partition among their parts, for every mapping', () => {
  const days = parseRange('2021-02-20..2021-04-10', 'day')
  const upstreamKeys = fc.subarray(days, { minLength: 1 })
  const otherKeys = fc.subarray(days)
  const kinds: [
    Exclude<Mapping['kind'], 'lookback' | 'previous'> | number,
    'day' | 'month' | 'none',
  ][] = [
    ['same', 'day'],
    ['roll-up', 'month'],
    ['roll-up', 'none'],
    [2, 'day'],
    ['through', 'day'],
    ['all', 'day'],
    ['all', 'none'],
    ['observed', 'day'],
    ['observed', 'month'],
  ]
  fc.assert(
    fc.property(
      upstreamKeys,
      otherKeys,
      fc.constantFrom(...kinds),
      (keys, others, [kind, grain]) => {
        const source = buildSource('events', { grain: 'day', observes: 'day' })
        // Each partition holds rows of its own day and of the one after.
        const partitions = Object.fromEntries(
          keys.map((key) => {
            const held = days.slice(days.indexOf(key), days.indexOf(key) + 2)
            const observed = held.map((value) => ({ value, dataVersion: 'v', rows: 1 }))
            return [key, { fingerprint: 'f', dataVersion: 'd', observed }]
          }),
        )
        const reader = buildAnalysis('reader', grain, {
          other: grain === 'day' ? 'same' : 'roll-up',
          events: kind,
        })
        const graph = buildGraph(
          [source, buildSource('other', { grain: 'day' }), reader],
          new Map([
            ['events', buildState('events', partitions)],
            ['other', buildState('other', published(...others))],
          ]),
        )
        const input = reader.inputs[1] as Input
        const [upstream, node] = [nodeOf(graph, 'events'), nodeOf(graph, 'reader')]
        const forward = new Set<string>()
        for (const [position, key] of node.domain.entries()) {
          forEachPart(graph, reader.partitioning, input, key, (part) =>
            forward.add(`${part.position} ${position}`),
          )
        }
        const backward = new Set<string>()
        for (const position of upstream.domain.keys()) {
          forEachReader(node, input, upstream, position, (next) =>
            backward.add(`${position} ${next}`),
          )
        }
        assert.deepEqual([...backward].sort(), [...forward].sort())
      },
    ),
  )
})
