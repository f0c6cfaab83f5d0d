import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { Random } from '#kernel/random.ts'
import { backoffMs } from '#kernel/retry.ts'

const backoff = { firstMs: 1_000, factor: 4, ceilingMs: 60_000 }
const fixed = (number: number): Random => ({ next: () => number, bytes: () => new Uint8Array() })

test('delays grow by the factor up to the ceiling', () => {
  const longest = [1, 2, 3, 4, 5, 900].map((attempt) => backoffMs(backoff, attempt, fixed(1)))
  assert.deepEqual(longest, [1_000, 4_000, 16_000, 60_000, 60_000, 60_000])
})

test('chance spreads a delay between a tenth of it and the whole', () => {
  assert.equal(backoffMs(backoff, 2, fixed(0)), 400)
  assert.equal(backoffMs(backoff, 2, fixed(0.5)), 2_200)
})
