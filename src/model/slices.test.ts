import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { Input, Mapping } from '#model/definition.ts'
import { buildGraph, nodeOf, type Graph } from '#model/graph.ts'
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
