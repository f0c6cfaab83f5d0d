import { expect, test } from 'vitest'

import { calendarOf, daysOf, monthBefore } from '~/screens/source/calendar-of.ts'
import { lanesOf } from '~/screens/source/lanes-of.ts'
import { optionChanges } from '~/screens/source/option-changes.ts'
import { stagesOf } from '~/screens/source/stages-of.ts'

test('each stage has the rows that came through it, and they add up', () => {
  const stages = stagesOf({
    received: 100,
    withheld: 2,
    erased: 1,
    rows: 80,
    state: 'published',
    reasons: [
      { reason: 'field-count', rows: 4 },
      { reason: 'at-unreadable', rows: 9 },
      { reason: 'at-missing', rows: 1 },
      { reason: 'dropped', rows: 3 },
    ],
  })
  expect(stages.map(({ name, rows, lost }) => [name, rows, lost])).toEqual([
    ['received', 100, 0],
    ['parsed', 96, 4],
    ['typed', 86, 10],
    ['checked', 80, 6],
    ['stored', 80, 0],
  ])
})

test('what is held is not stored', () => {
  const held = { received: 5, withheld: 0, erased: 0, rows: 5, state: 'held', reasons: [] } as const
  expect(stagesOf(held).at(-1)).toEqual({ name: 'stored', rows: 0, lost: 5 })
})

test('a calendar goes from the first arrival to today, over the end of a year', () => {
  const at = (day: string, quarantined = 0) => ({ at: day, received: 10, quarantined })
  const calendar = calendarOf(
    [at('2026-01-02'), at('2025-11-30', 3), at('2025-11-30')],
    '2026-01-05',
    (day) => day,
  )
  expect(calendar.months.slice(0, 3)).toEqual(['2026-01', '2025-12', '2025-11'])
  expect(calendar.months).toHaveLength(6)
  expect(calendar.days.get('2025-11-30')).toEqual({ readings: 2, received: 20, quarantined: 3 })
  expect(calendar.most).toBe(20)
  const old = calendarOf([at('2020-01-02')], '2026-01-05', (day) => day)
  expect(old.months).toHaveLength(12)
  expect([daysOf('2024-02'), daysOf('2025-02'), monthBefore('2026-01')]).toEqual([
    29,
    28,
    '2025-12',
  ])
})

test('lanes begin and end with the versions that changed the columns', () => {
  const lanes = lanesOf(
    [
      { at: '2026-01-03T00:00:00Z', columns: [{ name: 'a', type: 'DOUBLE' }, { name: 'c', type: 'DATE' }] }, // prettier-ignore
      { at: '2026-01-02T00:00:00Z', columns: [{ name: 'a', type: 'BIGINT' }] },
      { at: '2026-01-01T00:00:00Z', columns: [{ name: 'a', type: 'BIGINT' }, { name: 'b', type: 'VARCHAR' }] }, // prettier-ignore
    ],
    Date.UTC(2026, 0, 9),
  )
  expect(
    lanes.map(({ name, type, isThere, retyped }) => [name, type, isThere, retyped.length]),
  ).toEqual([
    ['a', 'DOUBLE', true, 1],
    ['b', 'VARCHAR', false, 0],
    ['c', 'DATE', true, 0],
  ])
  expect(lanes[1]?.to).toBe(Date.UTC(2026, 0, 2))
})

test('only what was changed is sent; what was taken away is null; untouched secrets stay', () => {
  const former = { location: 's3://a/x.csv', region: 'eu', secretAccessKey: '••••••••', anonymous: true } // prettier-ignore
  expect(
    optionChanges(former, { location: 's3://b/x.csv', region: '', secretAccessKey: '' }),
  ).toEqual({
    location: 's3://b/x.csv',
    region: null,
  })
  expect(optionChanges(former, { secretAccessKey: 'new', anonymous: false, region: 'eu' })).toEqual(
    {
      secretAccessKey: 'new',
      anonymous: null,
    },
  )
})
