import { expect, test } from 'vitest'

import { roundSteps, stackLines } from '~/screens/tasks/stacks.ts'

test('areas stand on each other', () => {
  const { stacks, most, sums } = stackLines(
    [
      { name: 'a', values: [1, 2] },
      { name: 'b', values: [1, 2] },
    ],
    100,
    40,
  )
  expect(most).toBe(4)
  expect(sums).toEqual([2, 4])
  expect(stacks[0]?.path).toBe('M0.0 30.0L100.0 20.0L100.0 40.0L0.0 40.0Z')
  expect(stacks[1]?.path).toBe('M0.0 20.0L100.0 0.0L100.0 20.0L0.0 30.0Z')
})

test('nothing is an empty picture', () => {
  expect(stackLines([], 100, 40)).toEqual({ stacks: [], most: 1, sums: [] })
})

test('steps are round and few', () => {
  expect(roundSteps(9)).toEqual([5])
  expect(roundSteps(2)).toEqual([1, 2])
  expect(roundSteps(20_000)).toEqual([10_000, 20_000])
  for (const most of [1, 3, 7, 12, 99, 1_234]) {
    expect(roundSteps(most).length).toBeLessThanOrEqual(4)
    expect(Math.max(...roundSteps(most))).toBeLessThanOrEqual(most)
  }
})
