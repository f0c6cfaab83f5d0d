import { expect, test } from 'vitest'

import { quantileOf } from '~/rows/latency.ts'
import { sinceOf } from '~/rows/span.ts'
import { hourly } from '~/screens/endpoints/load.ts'

const span = { since: '2026-11-20T00:00:00Z', until: '2026-11-20T06:00:00Z', most: 100 }

test('hours without requests are there', () => {
  const hours = [
    { hour: '2026-11-20T01:00:00Z', requests: 3 },
    { hour: '2026-11-20T05:00:00Z', requests: 4 },
    { hour: '2026-11-21T05:00:00Z', requests: 9 },
  ]
  expect(hourly(hours, span)).toEqual([0, 3, 0, 0, 0, 4])
  expect(hourly(hours, { ...span, most: 2 })).toEqual([3, 4])
})

test('the question is the same all through an hour', () => {
  const at = Date.parse('2026-11-20T10:05:00Z')
  expect(sinceOf('day', at)).toBe(sinceOf('day', at + 50 * 60_000))
  expect(sinceOf('day', at)).toBe('2026-11-19T11:00:00.000Z')
})

test('a share of requests lies below the bound of its bucket', () => {
  const bounds = [1, 10, 100]
  expect(quantileOf([1, 1, 0, 0], bounds, 0.5)).toBe(1)
  expect(quantileOf([1, 8, 0, 1], bounds, 0.5)).toBe(10)
  expect(quantileOf([0, 0, 0, 3], bounds, 0.95)).toBeNull()
  expect(quantileOf([0, 0, 0, 0], bounds, 0.95)).toBe(0)
})
