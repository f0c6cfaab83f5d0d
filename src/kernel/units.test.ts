import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { formatBytes, formatCount, formatDuration } from '#kernel/units.ts'

test('bytes are written with two or three digits and the unit that fits', () => {
  const written = [0, 999, 1_000, 1_234, 99_949, 99_950, 160_000_000, 1_610_612_736].map(
    formatBytes,
  )
  assert.deepEqual(written, [
    '0 B',
    '999 B',
    '1.0 kB',
    '1.2 kB',
    '99.9 kB',
    '100 kB',
    '160 MB',
    '1.6 GB',
  ])
})

test('an amount just under the next unit is rounded into it', () => {
  assert.equal(formatBytes(999_499), '999 kB')
  assert.equal(formatBytes(999_500), '1.0 MB')
  assert.equal(formatDuration(999.4), '999 ms')
  assert.equal(formatDuration(999.5), '1.0 s')
  assert.equal(formatDuration(59_949), '59.9 s')
  assert.equal(formatDuration(59_950), '1 min 0 s')
  assert.equal(formatDuration(3_599_600), '1 h 0 min')
})

test('no amount is written with four digits before its unit, but terabytes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999 * 10 ** 12 }), (bytes) =>
      assert.match(formatBytes(bytes), /^(\d{1,3}|\d{1,2}\.\d) [kMGT]?B$/),
    ),
  )
})

test('durations name the two units that matter', () => {
  const written = [0, 84.4, 1_234, 200_000, 7_500_000].map(formatDuration)
  assert.deepEqual(written, ['0 ms', '84 ms', '1.2 s', '3 min 20 s', '2 h 5 min'])
})

test('counts have a comma between thousands', () => {
  assert.equal(formatCount(1_150_000), '1,150,000')
})
