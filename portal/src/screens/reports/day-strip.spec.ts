import { expect, test } from 'vitest'

import { stripOf } from '~/screens/reports/day-strip.ts'

test('times stand on the days of the zone, also where the clock is put back', () => {
  const fromMs = Date.parse('2026-10-24T22:30:00Z')
  const times = ['2026-10-25T06:00:00.000Z', '2026-10-26T06:00:00.000Z', '2026-10-26T23:30:00.000Z']
  const strip = stripOf(times, { fromMs, days: 4, zone: 'Europe/Berlin' })
  expect(strip.map(({ day, times: own }) => [day, own.length])).toEqual([
    ['2026-10-25', 1],
    ['2026-10-26', 1],
    ['2026-10-27', 1],
    ['2026-10-28', 0],
  ])
  expect(strip[0]?.weekday).toBe(0)
})
