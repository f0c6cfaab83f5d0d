import { expect, test } from 'vitest'

import { findingsOf, healthOf, queueTotals } from './health.ts'

const finding = (name: string, state: 'ok' | 'warning' | 'problem') => ({
  name,
  state,
  detail: '',
  remedy: null,
})

test('findings are what is not well, problems before warnings', () => {
  const checks = [finding('a', 'warning'), finding('b', 'ok'), finding('c', 'problem')]
  expect(findingsOf({ state: 'problem', checks }).map(({ name }) => name)).toEqual(['c', 'a'])
})

test('the queue is summed over tenants, with the longest wait', () => {
  const tenant = (ready: number, oldestWaitMs: number | null) => ({
    tenant: 't',
    weight: 100,
    share: 0,
    slots: 0,
    parked: 1,
    delayed: 0,
    waiting: 2,
    running: 0,
    ready,
    oldestWaitMs,
  })
  const { counts, all, oldestMs } = queueTotals({
    tenants: [tenant(3, 20), tenant(0, null), tenant(1, 90)],
    pauses: [],
  })
  expect([counts.ready, counts.waiting, all, oldestMs]).toEqual([4, 6, 13, 90])
})

test('of a tenant the gravest is said', () => {
  const well = { state: 'active', troubled: 0, breached: 0, failedRuns: 0, dead: 0 } as const
  expect(healthOf(well)).toBe('well')
  expect(healthOf({ ...well, state: 'suspended' })).toBe('halted')
  expect(healthOf({ ...well, dead: 1, breached: 1 })).toBe('breached')
  expect(healthOf({ ...well, troubled: 1, breached: 1 })).toBe('troubled')
})
