import assert from 'node:assert/strict'
import { test } from 'node:test'

import { seededRandom, systemRandom } from '#kernel/random.ts'

test('a seed gives the same numbers everywhere, another seed others', () => {
  const numbers = (seed: number) => {
    const random = seededRandom(seed)
    return Array.from({ length: 3 }, () => random.next())
  }
  assert.deepEqual(numbers(1), [0.6270739405881613, 0.002735721180215478, 0.5274470399599522])
  assert.notDeepEqual(numbers(2), numbers(1))
})

test('numbers are spread evenly over [0, 1)', () => {
  for (const random of [seededRandom(42), systemRandom]) {
    const buckets = Array.from({ length: 10 }, () => 0)
    for (let count = 0; count < 20_000; count++) {
      const number = random.next()
      assert.ok(number >= 0 && number < 1)
      const bucket = Math.floor(number * 10)
      buckets[bucket] = (buckets[bucket] ?? 0) + 1
    }
    // Expected 2,000 each with a deviation of 42: eight times that is never met by chance.
    for (const count of buckets) assert.ok(Math.abs(count - 2_000) < 340, String(buckets))
  }
})

test('bytes take every value, as many as asked for', () => {
  for (const random of [seededRandom(3), systemRandom]) {
    assert.equal(random.bytes(0).length, 0)
    const bytes = random.bytes(20_000)
    assert.equal(bytes.length, 20_000)
    assert.equal(new Set(bytes).size, 256)
  }
})
