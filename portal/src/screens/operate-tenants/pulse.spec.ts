import { expect, test } from 'vitest'

import { neighboursOf, troublesOf, type QueueShare } from './pulse.ts'

const share = (tenant: string, slots: number, ready: number, due: number): QueueShare => ({
  tenant,
  slots,
  ready,
  share: due,
  parked: 0,
  delayed: 0,
  waiting: 0,
  running: slots,
  weight: 100,
  oldestWaitMs: null,
})

test('whoever has more than is due while others wait is beyond it, and comes first', () => {
  const { shown, others } = neighboursOf(
    [share('calm', 1, 3, 0.5), share('noisy', 3, 0, 0.5), share('idle', 0, 0, 0)],
    8,
  )
  expect(shown.map(({ tenant, isBeyond }) => `${tenant} ${isBeyond}`)).toEqual([
    'noisy true',
    'calm false',
  ])
  expect(others).toBe(0)
})

test('nobody is beyond while nobody else waits, and the rest is counted', () => {
  const { shown, others } = neighboursOf([share('a', 4, 9, 0.5), share('b', 1, 0, 0.5)], 1)
  expect(shown.map(({ tenant, isBeyond }) => `${tenant} ${isBeyond}`)).toEqual(['a false'])
  expect(others).toBe(1)
})

test('troubles are what there is, the gravest first', () => {
  const found = troublesOf({ troubled: 0, breached: 2, failedRuns: 0, dead: 1 })
  expect(found.map(({ kind, count }) => `${kind} ${count}`)).toEqual(['breached 2', 'dead 1'])
})
