import { describe, expect, test } from 'vitest'

import { layBars, type TimelineColumns } from '~/screens/run/bars.ts'
import { barAt, firstFrom, packLanes } from '~/screens/run/lanes.ts'
import { parseSpan, shift, spanText, ticksOf, zoom } from '~/screens/run/scale.ts'

type Row = [
  task: number,
  worker: number,
  batch: number,
  start: number,
  end: number | null,
  work: number | null,
]

const columns = (rows: readonly Row[]): TimelineColumns => ({
  task: rows.map(([task]) => task),
  number: rows.map(
    ([task], at) => rows.slice(0, at).filter(([other]) => other === task).length + 1,
  ),
  dataset: rows.map(([task]) => task % 2),
  partition: rows.map(([task]) => `p${task}`),
  worker: rows.map(([, worker]) => worker),
  batch: rows.map(([, , batch]) => batch),
  state: rows.map(([, , , , end]) => (end === null ? 'running' : 'done')),
  startedMs: rows.map(([, , , start]) => 1_000 + start),
  endedMs: rows.map(([, , , , end]) => (end === null ? null : 1_000 + end)),
  workMs: rows.map(([, , , , , work]) => work),
  rows: rows.map(() => null),
})

describe('bars', () => {
  test('attempts of a batch share its time by their work', () => {
    const { start, end } = layBars(
      columns([
        [1, 0, 7, 0, 100, 30],
        [2, 0, 7, 0, 100, 10],
        [3, 0, 8, 0, 50, null],
      ]),
      1_000,
    )
    expect([...start]).toEqual([0, 75, 0])
    expect([...end]).toEqual([75, 100, 50])
  })

  test('what runs has no end yet', () => {
    const { end, together } = layBars(
      columns([
        [1, 0, 7, 0, null, null],
        [2, 0, 7, 0, null, null],
      ]),
      1_000,
    )
    expect([...end]).toEqual([Infinity, Infinity])
    expect([...together]).toEqual([2, 2])
  })
})

describe('lanes', () => {
  const rows = columns([
    [1, 0, 1, 0, 100, null],
    [2, 0, 2, 50, 150, null],
    [3, 0, 3, 120, 200, null],
    [4, 1, 4, 0, 10, null],
    [1, 1, 5, 110, 130, null],
  ])
  const bars = layBars(rows, 1_000)

  test('by worker a batch takes the first slot that is free', () => {
    const { lanes, laneOf } = packLanes(rows, bars, 'worker')
    expect(lanes.map(({ group, row, bars: own }) => [group, row, own])).toEqual([
      [0, 0, [0, 2]],
      [0, 1, [1]],
      [1, 0, [3, 4]],
    ])
    expect([...laneOf]).toEqual([0, 1, 0, 2, 2])
  })

  test('by dataset a task keeps its row until its last attempt', () => {
    const { lanes } = packLanes(rows, bars, 'dataset')
    expect(lanes.map(({ group, bars: own }) => [group, own])).toEqual([
      [0, [3, 1]],
      [1, [0, 4]],
      [1, [2]],
    ])
  })

  test('a bar is found at its time, and near it', () => {
    const { lanes } = packLanes(rows, bars, 'worker')
    const lane = lanes[0]
    if (!lane) throw new Error('there is no lane')
    expect(firstFrom(lane, bars, 101)).toBe(1)
    expect(barAt(lane, bars, 50, 0)).toBe(0)
    expect(barAt(lane, bars, 110, 2)).toBe(null)
    expect(barAt(lane, bars, 118, 5)).toBe(2)
  })
})

describe('scale', () => {
  test('ticks are round and not too many', () => {
    expect(ticksOf({ from: 0, until: 61_000 }, 5)).toEqual([0, 15_000, 30_000, 45_000, 60_000])
    expect(ticksOf({ from: 0, until: 4e9 }, 5).length).toBeLessThanOrEqual(6)
  })

  test('a zoom keeps the time under the pointer, and stays within the whole', () => {
    const whole = { from: 0, until: 1_000 }
    expect(zoom(whole, whole, 500, 0.5)).toEqual({ from: 250, until: 750 })
    expect(zoom({ from: 0, until: 500 }, whole, 500, 4)).toEqual(whole)
    expect(shift({ from: 800, until: 900 }, whole, 500)).toEqual({ from: 900, until: 1_000 })
  })

  test('a span goes into the address and back', () => {
    expect(parseSpan(spanText({ from: 12.4, until: 99.2 }))).toEqual({ from: 12, until: 100 })
    expect(parseSpan('9-3')).toBe(null)
    expect(parseSpan('<img>')).toBe(null)
  })
})
