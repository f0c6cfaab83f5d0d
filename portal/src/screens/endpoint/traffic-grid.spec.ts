import { expect, test } from 'vitest'

import { shadeOf, stepsOf, totalOf } from '~/screens/endpoint/traffic-grid.ts'

const hour = (at: string, more = {}) => ({
  hour: at,
  requests: 10,
  refused: 1,
  unavailable: 0,
  broken: 2,
  cached: 3,
  latency: [4, 6],
  ...more,
})

test('every hour of a day is a step, also without requests', () => {
  const steps = stepsOf([hour('2026-11-20T05:00:00Z')], {
    since: '2026-11-20T00:00:00Z',
    until: '2026-11-21T00:00:00Z',
    buckets: 2,
  })
  expect(steps).toHaveLength(24)
  expect(steps[5]?.outcome).toEqual({
    answered: 4,
    cached: 3,
    refused: 1,
    unavailable: 0,
    broken: 2,
  })
  expect(steps[6]?.requests).toBe(0)
})

test('a month has steps of several hours, and loses no request', () => {
  const hours = Array.from({ length: 720 }, (_, at) =>
    hour(new Date(Date.parse('2026-11-01T00:00:00Z') + at * 3_600_000).toISOString()),
  )
  const steps = stepsOf(hours, {
    since: '2026-11-01T00:00:00Z',
    until: '2026-12-01T00:00:00Z',
    buckets: 2,
  })
  expect(steps.length).toBeLessThanOrEqual(96)
  const total = totalOf(steps)
  expect(total.requests).toBe(7200)
  expect(total.latency).toEqual([2880, 4320])
  expect(total.outcome.answered).toBe(2880)
})

test('few requests are still seen', () => {
  expect(shadeOf(0, 100)).toBe(0)
  expect(shadeOf(1, 10_000)).toBeGreaterThan(0.2)
  expect(shadeOf(100, 100)).toBe(1)
})
