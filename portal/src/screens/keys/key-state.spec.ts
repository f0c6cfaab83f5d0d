import { expect, test } from 'vitest'

import { byHour, curlOf, keyState, rateUsed } from '~/screens/keys/key-state.ts'

const now = Date.parse('2026-11-22T10:20:00Z')
const at = (text: string | null, revokedAt: string | null = null) =>
  keyState({ expiresAt: text, revokedAt }, now)

test('a key is shown as it stands', () => {
  expect(at(null)).toBe('active')
  expect(at('2027-01-01T00:00:00Z')).toBe('active')
  expect(at('2026-11-30T00:00:00Z')).toBe('expiring')
  expect(at('2026-11-22T10:20:00Z')).toBe('expired')
  expect(at(null, '2026-11-01T00:00:00Z')).toBe('revoked')
})

test('the gauge is full when the bucket is empty', () => {
  expect(rateUsed({ left: 1000, burst: 1000 })).toBe(0)
  expect(rateUsed({ left: 250, burst: 1000 })).toBe(0.75)
  expect(rateUsed({ left: 0, burst: 10 })).toBe(1)
})

test('hours without a request count nothing, and older ones are left out', () => {
  const hours = [
    { hour: '2026-11-22T10:00:00.000Z', requests: 5 },
    { hour: '2026-11-22T08:00:00.000Z', requests: 2 },
    { hour: '2026-11-21T10:00:00.000Z', requests: 9 },
  ]
  expect(byHour(hours, now, 4)).toEqual([0, 2, 0, 5])
  expect(byHour(hours, now)).toHaveLength(24)
  expect(byHour(hours, now).reduce((sum, one) => sum + one)).toBe(7)
})

test('the example asks under the path of a proxy, too', () => {
  expect(curlOf('https://x.org/mill/', 'mk_1', 'top users')).toBe(
    "curl -H 'Authorization: Bearer mk_1' 'https://x.org/mill/v1/endpoints/top%20users/rows?limit=10'",
  )
  expect(curlOf('https://x.org/', 'mk_1', null)).toContain("'https://x.org/v1/datasets'")
})
