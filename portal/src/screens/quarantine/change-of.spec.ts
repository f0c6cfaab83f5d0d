import { expect, test } from 'vitest'

import { changeOf } from '~/screens/quarantine/change-of.ts'
import { heatOf } from '~/screens/quarantine/heat-of.ts'

test('a change is told in all digits, with its sign', () => {
  expect(changeOf('10', '42')).toBe('+32')
  expect(changeOf('10.5', '10.25')).toBe('−0.25')
  expect(changeOf('99999999999999999999.1', '99999999999999999999.3')).toBe('+0.2')
  expect(changeOf(null, '3')).toBe('+3')
  expect(changeOf('1.50', '1.5')).toBe('')
  expect(changeOf('1e30', '2')).toBe('')
})

test('the heat has files with rejected rows only, and the newest reading of a day', () => {
  const arrived = (partition: string, at: string, quarantined: number) => ({
    partition,
    at,
    received: 10,
    quarantined,
  })
  const heat = heatOf(
    [
      arrived('2021-05', '2026-11-22T12:00', 0),
      arrived('2021-05', '2026-11-22T09:00', 4),
      arrived('2021-04', '2026-11-21T09:00', 0),
      arrived('2021-05', '2026-11-20T09:00', 3),
    ],
    (at) => at.slice(0, 10),
  )
  expect(heat.files).toEqual(['2021-05'])
  expect(heat.days).toEqual(['2026-11-20', '2026-11-22'])
  expect(heat.cells.get('2021-05 2026-11-22')).toEqual({ received: 10, quarantined: 0 })
})
