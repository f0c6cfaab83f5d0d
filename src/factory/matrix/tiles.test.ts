import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { squareStates } from '#factory/matrix/square-state.ts'
import { tilesOf } from '#factory/matrix/tiles.ts'
import {
  coarser,
  columnOf,
  columnStart,
  levelFor,
  levels,
  startsOf,
  type Level,
} from '#factory/matrix/time-axis.ts'
import { keyOf, startOf } from '#model/partition-key.ts'

const at = (text: string) => Date.parse(text)
const dated = levels.filter((level): level is Exclude<Level, 'all'> => level !== 'all')

test('each instant lies in one column, between its start and that of the next', () => {
  const instants = fc.integer({ min: at('1906-01-01T00:00Z'), max: at('2099-12-31T00:00Z') })
  fc.assert(
    fc.property(instants, fc.constantFrom(...dated), (ms, level) => {
      const column = columnOf(ms, level)
      assert.ok(columnStart(column, level) <= ms)
      assert.ok(ms < columnStart(column + 1, level))
      assert.equal(columnOf(columnStart(column, level), level), column)
    }),
  )
})

test('weeks begin on Mondays, quarters in January, April, July and October', () => {
  const monday = columnStart(columnOf(at('2026-11-22T18:00Z'), 'week'), 'week')
  assert.equal(new Date(monday).toISOString(), '2026-11-16T00:00:00.000Z')
  const quarter = columnStart(columnOf(at('2026-11-22T18:00Z'), 'quarter'), 'quarter')
  assert.equal(new Date(quarter).toISOString(), '2026-10-01T00:00:00.000Z')
})

test('the level is the finest that needs no more columns than there are', () => {
  const [from, to] = [at('2021-01-01T00:00Z'), at('2022-01-01T00:00Z')]
  assert.equal(levelFor(from, to, 9_000), 'hour')
  assert.equal(levelFor(from, to, 365), 'day')
  assert.equal(levelFor(from, to, 364), 'week')
  assert.equal(levelFor(from, to, 12), 'month')
  assert.equal(levelFor(from, to, 1), 'year')
  assert.equal(levelFor(at('1990-01-01T00:00Z'), to, 1), 'year')
})

test('a dataset is never told in finer columns than its own', () => {
  assert.equal(coarser('hour', 'month'), 'month')
  assert.equal(coarser('week', 'day'), 'week')
  assert.equal(coarser('hour', 'none'), 'all')
})

test('periods begin where their names say', () => {
  for (const grain of ['year', 'month', 'day', 'hour'] as const) {
    const keys = ['2019-12-31T23:00Z', '2020-02-29T05:00Z', '2021-04-17T05:00Z'].map((text) =>
      keyOf(new Date(text), grain),
    )
    const names = keys.flatMap((key) => [`${key}:a`, `${key}:b`])
    const expected = keys.flatMap((key) => [startOf(key).getTime(), startOf(key).getTime()])
    assert.deepEqual([...startsOf(names, grain)], expected)
  }
})

/** What the runs of tiles say, column by column. */
function unpack(tiles: { readonly first: number; readonly runs: readonly number[] }) {
  const found = new Map<number, number[]>()
  let column = tiles.first
  for (let at = 0; at < tiles.runs.length;) {
    const [gap = 0, length = 0, mask = 0] = tiles.runs.slice(at, at + 3)
    at += 3
    const counts = squareStates.map((_state, bit) =>
      mask & (1 << bit) ? (tiles.runs[at++] as number) : 0,
    )
    column += gap
    for (let index = 0; index < length; index++) found.set(column++, counts)
  }
  return found
}

test('neighbours that count alike are one run', () => {
  const days = Array.from({ length: 1_000 }, (_day, index) =>
    keyOf(new Date(Date.UTC(2021, 0, 1 + index)), 'day'),
  )
  const states = new Uint8Array(1_000)
  states[500] = 2
  const squares = { grain: 'day', states, starts: startsOf(days, 'day'), positions: null } as const
  const span = { fromMs: at('2020-12-31T00:00Z'), toMs: at('2030-01-01T00:00Z') }
  const { runs } = tilesOf(squares, span, 'hour')
  assert.deepEqual(runs, [1, 500, 1, 1, 0, 1, 4, 1, 0, 499, 1, 1])
})

test('tiles of any window at any level hold each square of the window once, under its state', () => {
  const days = fc.uniqueArray(fc.integer({ min: 0, max: 900 }), { maxLength: 120 })
  const window = fc.tuple(fc.integer({ min: -20, max: 900 }), fc.integer({ min: 1, max: 400 }))
  fc.assert(
    fc.property(
      days,
      window,
      fc.constantFrom(...levels),
      fc.boolean(),
      (offsets, [first, length], level, isPart) => {
        const starts = Float64Array.from(offsets.toSorted((a, b) => a - b)).map((day) =>
          Date.UTC(2021, 0, 1 + day),
        )
        const states = Uint8Array.from(starts, (_start, index) => (index * 7) % squareStates.length)
        const positions = isPart
          ? Int32Array.from([...starts.keys()].filter((index) => index % 3 === 0))
          : null
        const span = {
          fromMs: Date.UTC(2021, 0, 1 + first),
          toMs: Date.UTC(2021, 0, 1 + first + length),
        }
        const tiles = tilesOf({ grain: 'day', states, starts, positions }, span, level)
        const expected = new Map<number, number[]>()
        const from = level === 'all' ? -Infinity : columnStart(tiles.first, tiles.level)
        for (const index of positions ?? starts.keys()) {
          const start = starts[index] as number
          if (start < from || (level !== 'all' && start >= span.toMs)) continue
          const column = columnOf(start, tiles.level)
          const counts = expected.get(column) ?? squareStates.map(() => 0)
          const state = states[index] as number
          counts[state] = (counts[state] as number) + 1
          expected.set(column, counts)
        }
        assert.deepEqual(unpack(tiles), expected)
      },
    ),
  )
})
