import { expect, test } from 'vitest'

import { axisOf } from '~/matrix/axis.ts'
import { columnOf, columnStart, levelFor, levels, nameOfColumn } from '~/matrix/levels.ts'
import { joined, placeOf, placeText, readPlace } from '~/matrix/places.ts'
import { countWithin, nextColumn, tileAt, unpack } from '~/matrix/tiles.ts'
import { askedFor, fitted, levelOf, moved, timeAt, xOf, zoomed } from '~/matrix/view.ts'

const at = (text: string) => Date.parse(text)
const year = { from: at('2021-01-01T00:00Z'), to: at('2022-01-01T00:00Z') }

test('columns begin where the ones before end, at every level', () => {
  for (const level of levels) {
    for (const ms of [at('1969-07-20T20:17Z'), at('2020-02-29T23:59Z'), at('2026-11-22T18:00Z')]) {
      const column = columnOf(ms, level)
      expect(columnStart(column, level)).toBeLessThanOrEqual(ms)
      expect(columnStart(column + 1, level)).toBeGreaterThan(ms)
    }
  }
  expect(nameOfColumn(columnOf(at('2026-11-22T18:00Z'), 'week'), 'week')).toBe(
    '16 Nov 2026 – 22 Nov 2026',
  )
  expect(nameOfColumn(columnOf(at('2026-11-22T18:30Z'), 'quarter-day'), 'quarter-day')).toBe(
    '22 Nov 2026, 18:00–00:00',
  )
})

test('runs are unpacked, found by time, and counted within a stretch', () => {
  const row = unpack(
    { level: 'day', first: columnOf(year.from, 'day'), runs: [2, 3, 1, 1, 1, 1, 5, 2, 4] },
    9,
  )
  expect(row.runs.map(({ columns, single, squares }) => [columns, single, squares])).toEqual([
    [3, 0, 1],
    [1, -1, 6],
  ])
  expect(tileAt(row, at('2021-01-02T12:00Z'))).toBe(null)
  expect(tileAt(row, at('2021-01-03T12:00Z'))?.run.single).toBe(0)
  expect(tileAt(row, at('2021-01-07T00:00Z'))?.run.counts).toEqual([2, 0, 4, 0, 0, 0, 0, 0, 0])
  expect(tileAt(row, at('2021-01-08T00:00Z'))).toBe(null)
  const counts = countWithin(row, at('2021-01-05T05:00Z'), at('2021-01-07T00:00:01Z'))
  expect(counts).toEqual([3, 0, 4, 0, 0, 0, 0, 0, 0])
})

test('zooming keeps the instant under the pointer, and panning never leaves the data', () => {
  const view = fitted(year)
  const before = timeAt(view, 1_000, 300)
  const nearer = zoomed(view, 1_000, 300, 0.25, year)
  expect(timeAt(nearer, 1_000, 300)).toBeCloseTo(before, -1)
  expect(xOf(nearer, 1_000, before)).toBeCloseTo(300, 3)
  let far = nearer
  for (let step = 0; step < 100; step++) far = moved(far, 1_000, 900, year)
  expect(far.from).toBeLessThan(year.to)
  let deep = view
  for (let step = 0; step < 100; step++) deep = zoomed(deep, 1_000, 500, 0.5, year)
  expect(levelOf(deep, 1_000)).toBe('hour')
  let wide = view
  for (let step = 0; step < 100; step++) wide = zoomed(wide, 1_000, 500, 2, year)
  expect(wide.to - wide.from).toBeLessThan(2 * (year.to - year.from))
})

test('what is asked for covers the view and both its neighbours, and stays while panning a little', () => {
  const view = zoomed(fitted(year), 1_000, 500, 0.2, year)
  const asked = askedFor(view, 1_000)
  const span = view.to - view.from
  expect(Date.parse(asked.from)).toBeLessThan(view.from)
  expect(Date.parse(asked.to)).toBeGreaterThan(view.to)
  expect(Date.parse(asked.to) - Date.parse(asked.from)).toBeLessThan(7 * span)
  const level = levelFor(Date.parse(asked.from), Date.parse(asked.to), asked.columns)
  expect(level).toBe(levelOf(view, 1_000))
  const same = [1, 2, 3, 4].filter(
    (step) => askedFor(moved(view, 1_000, step * 10, year), 1_000).from === asked.from,
  )
  expect(same.length).toBeGreaterThan(2)
})

test('places say periods of the row, and are read back', () => {
  const events = { dataset: 'events', part: null, grain: 'month' }
  const touched = placeOf(events, at('2021-02-10T00:00Z'), at('2021-03-02T00:00Z'))
  expect(placeText(touched)).toBe('events@2021-02..2021-03')
  expect(readPlace('events@2021-02..2021-03')).toEqual(touched)
  const north = placeOf(
    { dataset: 'readings', part: 'a%3Ab:#03/16', grain: 'day' },
    year.from,
    year.from + 1,
  )
  expect(placeText(north)).toBe('readings@2021-01-01:a%3Ab:#03/16')
  expect(readPlace('readings@2021-01-01:a%3Ab:#03/16')).toEqual(north)
  const site = placeOf({ dataset: 'sites', part: 'north', grain: 'none' }, 0, 1)
  expect(placeText(site)).toBe('sites@north')
  expect(readPlace('sites@north')).toEqual(site)
  expect(readPlace('@')).toBe(null)
  expect(joined([touched], [touched])).toEqual([])
  expect(joined([touched], [north])).toEqual([touched, north])
})

test('an axis has room for its labels, whatever the zoom', () => {
  let view = fitted({ from: at('1990-01-01T00:00Z'), to: at('2030-01-01T00:00Z') })
  for (let step = 0; step < 40; step++) {
    const { ticks } = axisOf(view, 900)
    const gaps = ticks.slice(1).map((tick, index) => tick.x - (ticks[index]?.x ?? 0))
    expect(ticks.length).toBeGreaterThan(0)
    expect(Math.min(...gaps, 99)).toBeGreaterThan(24)
    view = zoomed(view, 900, 450, 0.7, view)
  }
})

test('keys go from square to square, over what is empty', () => {
  const row = unpack({ level: 'day', first: 100, runs: [2, 2, 1, 1, 5, 1, 1, 1] }, 9)
  expect(nextColumn(row, 0, 1)).toBe(102)
  expect(nextColumn(row, 102, 1)).toBe(103)
  expect(nextColumn(row, 103, 1)).toBe(109)
  expect(nextColumn(row, 109, 1)).toBe(null)
  expect(nextColumn(row, 999, -1)).toBe(109)
  expect(nextColumn(row, 109, -1)).toBe(103)
  expect(nextColumn(row, 103, -1)).toBe(102)
  expect(nextColumn(row, 102, -1)).toBe(null)
})
