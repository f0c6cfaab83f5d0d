import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { lowerBound, rangeInside } from '#model/dataset-state.ts'

test('the lower bound is where a value stands or would have to be put', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (values, wanted) => {
      const sorted = [...values].sort()
      const position = lowerBound(sorted, wanted)
      assert.ok(sorted.slice(0, position).every((value) => value < wanted))
      assert.ok(sorted.slice(position).every((value) => value >= wanted))
    }),
  )
})

test('a period holds its finer keys and itself, and no neighbour', () => {
  const keys = ['2021-03-31', '2021-04', '2021-04-01', '2021-04-30', '2021-05-01']
  assert.deepEqual(rangeInside(keys, '2021-04'), [1, 4])
  assert.deepEqual(rangeInside(keys, '2021-04-01'), [2, 3])
  assert.deepEqual(rangeInside(keys, '2022'), [5, 5])
  assert.deepEqual(rangeInside([], '2021'), [0, 0])
})
