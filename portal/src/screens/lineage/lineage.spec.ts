import { expect, test } from 'vitest'

import { neighbourOf, placesOf } from './layout.ts'
import {
  fold,
  groupsOf,
  isGhost,
  rowsOf,
  wayOf,
  worstOf,
  type Lineage,
  type LineageNode,
} from './model.ts'

function node(id: string, more: Partial<LineageNode> = {}): LineageNode {
  return {
    id,
    kind: 'analysis',
    name: id,
    pack: 'events',
    description: '',
    grain: 'month',
    states: { fresh: 1, missing: 0, stale: 0, pending: 0, failed: 0, held: 0 },
    rows: 10,
    publishedAt: '2026-11-22T10:00:00Z',
    lastMs: 5,
    running: 0,
    freshness: null,
    quality: null,
    ...more,
  }
}

const edge = (from: string, to: string) => ({ from, to, reads: 'the same month' })

const lineage: Lineage = {
  tenant: 'demo',
  nodes: [
    node('source', { kind: 'source' }),
    node('left'),
    node('right', { pack: 'marks' }),
    node('end', { kind: 'endpoint', states: null, rows: null, publishedAt: null }),
  ],
  edges: [
    edge('source', 'left'),
    edge('source', 'right'),
    edge('left', 'end'),
    edge('right', 'end'),
  ],
}

test('a folded group is one box, and lines inside of it are gone', () => {
  const { boxes, lines } = fold(lineage, 'pack', new Set(['events']))
  expect(boxes.map(({ id, nodes }) => [id, nodes.length])).toEqual([
    ['group:events', 3],
    ['right', 1],
  ])
  expect(lines.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'group:events right',
    'right group:events',
  ])
  expect(groupsOf(lineage, 'kind').map(({ name, count }) => `${name} ${count}`)).toEqual([
    'source 1',
    'analysis 2',
    'endpoint 1',
  ])
})

test('the way of a box is all that it comes from and leads to, also where groups make circles', () => {
  const open = fold(lineage, 'pack', new Set())
  expect(wayOf(open.lines, 'left')).toEqual({
    above: new Set(['source']),
    below: new Set(['end']),
  })
  const circle = fold(lineage, 'pack', new Set(['events']))
  expect(wayOf(circle.lines, 'right').above).toEqual(new Set(['group:events']))
})

test('boxes stand to the right of what they read, and arrow keys follow the lines', () => {
  const open = fold(lineage, 'pack', new Set())
  const places = placesOf(open)
  const x = (id: string) => places.get(id)?.x ?? 0
  expect(x('source')).toBeLessThan(x('left'))
  expect(x('left')).toBe(x('right'))
  expect(x('right')).toBeLessThan(x('end'))
  expect(neighbourOf(open, places, 'left', 'ArrowRight')).toBe('end')
  expect(neighbourOf(open, places, 'left', 'ArrowLeft')).toBe('source')
  const [upper, lower] = ['left', 'right'].toSorted(
    (a, b) => (places.get(a)?.y ?? 0) - (places.get(b)?.y ?? 0),
  ) as [string, string]
  expect(neighbourOf(open, places, upper, 'ArrowDown')).toBe(lower)
  expect(neighbourOf(open, places, upper, 'ArrowUp')).toBe(null)
})

test('a box tells the worst of what it stands for, and is a ghost before the first publish', () => {
  const failed = node('f', {
    states: { fresh: 3, missing: 0, stale: 1, pending: 0, failed: 1, held: 0 },
  })
  expect(worstOf([node('a'), failed])).toBe('failed')
  expect(rowsOf([node('a'), failed])).toBe(20)
  expect(rowsOf([node('a'), node('b', { rows: null })])).toBe(null)
  expect(isGhost([node('a', { publishedAt: null })])).toBe(true)
  expect(isGhost([node('a', { states: null, publishedAt: null })])).toBe(false)
})

test('two hundred boxes are laid out within half a second', () => {
  const nodes = Array.from({ length: 200 }, (_, at) => node(`n${at}`))
  const edges = nodes.flatMap((_, at) =>
    at < 20 ? [] : [edge(`n${(at * 7) % at}`, `n${at}`), edge(`n${at - 20}`, `n${at}`)],
  )
  const began = performance.now()
  placesOf(fold({ tenant: 'demo', nodes, edges }, 'pack', new Set()))
  expect(performance.now() - began).toBeLessThan(5_000)
})
