import { expect, test } from 'vitest'

import { daysUpTo, valuesByDay } from '~/screens/usage/days.ts'

test('days go up to today, over ends of months and changes of clocks', () => {
  expect(daysUpTo('2026-03-01', 3)).toEqual(['2026-02-27', '2026-02-28', '2026-03-01'])
  const long = daysUpTo('2026-11-22', 31)
  expect(long).toHaveLength(31)
  expect(new Set(long).size).toBe(31)
  expect(long[0]).toBe('2026-10-23')
})

test('a day without anything is 0, and one that is not asked for is left out', () => {
  const rows = [
    { day: '2026-03-01', n: 5 },
    { day: '2020-01-01', n: 9 },
  ]
  expect(valuesByDay(daysUpTo('2026-03-01', 2), rows, ({ n }) => n)).toEqual([0, 5])
})
