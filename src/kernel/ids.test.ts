import assert from 'node:assert/strict'
import { test } from 'node:test'

import { systemClock, type Clock } from '#kernel/clock.ts'
import { createIds } from '#kernel/ids.ts'
import { seededRandom, systemRandom } from '#kernel/random.ts'

function clockAt(iso: string): Clock {
  return { ...systemClock, now: () => new Date(iso) }
}

test('an id is its prefix, nine characters of time and seven of chance', () => {
  const ids = createIds(systemClock, systemRandom)
  assert.match(ids.next('run'), /^run_[0-9abcdefghjkmnpqrstvwxyz]{16}$/)
})

test('ids sort by the time at which they were made', () => {
  const moments = [
    '1970-01-01',
    '2021-04-17',
    '2021-04-17T00:00:00.001Z',
    '2099-12-31',
    '3000-01-01',
  ]
  const made = moments.map((iso) => createIds(clockAt(iso), systemRandom).next('run'))
  assert.deepEqual(made.toSorted(), made)
})

test('ids of the same millisecond differ', () => {
  const ids = createIds(clockAt('2021-04-17'), systemRandom)
  const made = new Set(Array.from({ length: 10_000 }, () => ids.next('run')))
  assert.equal(made.size, 10_000)
})

test('the same clock and seed give the same ids', () => {
  const make = () => createIds(clockAt('2021-04-17'), seededRandom(7)).next('run')
  assert.equal(make(), make())
})
