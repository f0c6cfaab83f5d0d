import { expect, test } from 'vitest'

import { conditionsOf, whereOf, type Condition } from '~/rows/conditions.ts'

test('conditions go to the words of the API and back', () => {
  const conditions: Condition[] = [
    { column: 'day', op: 'ge', value: '2021-04-01' },
    { column: 'day', op: 'lt', value: '2021-05-01' },
    { column: 'company', op: 'in', value: '["a,b","c.d"]' },
    { column: 'note', op: 'contains', value: 'eq.two\nlines' },
  ]
  const where = whereOf(conditions)
  expect(where).toEqual({
    day: ['ge.2021-04-01', 'lt.2021-05-01'],
    company: 'in.["a,b","c.d"]',
    note: 'contains.eq.two\nlines',
  })
  expect(conditionsOf(where)).toEqual(conditions)
})

test('what these words cannot say is not taken for something else', () => {
  expect(conditionsOf({ day: 'like.2021%' })).toBeNull()
  expect(conditionsOf({ day: [7] })).toBeNull()
  expect(conditionsOf(undefined)).toEqual([])
})
