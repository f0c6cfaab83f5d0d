import { expect, test } from 'vitest'

import type { DeliveryRow } from '~/screens/deliveries/delivery-row.ts'
import { leftOf, lifeOf, placeIn, spanOf } from '~/screens/deliveries/life.ts'

const now = Date.parse('2026-11-10T00:00:00Z')
const row = {
  createdAt: '2026-11-08T00:00:00Z',
  readyAt: '2026-11-09T00:00:00Z',
  expiresAt: '2026-11-14T00:00:00Z',
} as DeliveryRow

test('the span holds every life and the present', () => {
  const span = spanOf([row], now)
  expect(span.fromMs).toBeLessThan(Date.parse(row.createdAt))
  expect(span.toMs).toBeGreaterThan(Date.parse(row.expiresAt ?? ''))
  const { asked, from, until } = lifeOf(row, span, now)
  expect(asked).toBeLessThan(from ?? 0)
  expect(from).toBeLessThan(placeIn(span, now))
  expect(until).toBeGreaterThan(placeIn(span, now))
})

test('without deliveries there is a day around the present', () => {
  const span = spanOf([], now)
  expect(placeIn(span, now)).toBeCloseTo(0.5)
})

test('what never was there has no life, and what is over has none left', () => {
  const lost = { ...row, readyAt: null, expiresAt: null }
  expect(lifeOf(lost, spanOf([lost], now), now).from).toBeNull()
  expect(leftOf(row.expiresAt, now)).toBe(4 * 86_400_000)
  expect(leftOf(row.createdAt, now)).toBeNull()
  expect(leftOf(null, now)).toBeNull()
})
