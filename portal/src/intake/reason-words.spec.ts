import { expect, test } from 'vitest'

import { reasonParts, reasonWords, worstColumns } from '~/intake/reason-words.ts'

test('a reason names its column, which may hold hyphens', () => {
  expect(reasonParts('sent-at-unreadable')).toEqual({ column: 'sent-at', rule: 'unreadable' })
  expect(reasonParts('field-count')).toEqual({ column: null, rule: 'field-count' })
  expect(reasonWords('at-missing')).toBe('at: is empty')
  expect(reasonWords('never-heard-of')).toBe('never heard of')
})

test('columns are ranked by the rows that they spoil, over all partitions', () => {
  const found = worstColumns([
    { dataset: 'events', reasons: [{ reason: 'at-missing', rows: 2 }, { reason: 'ip-unreadable', rows: 3 }] }, // prettier-ignore
    { dataset: 'events', reasons: [{ reason: 'at-unreadable', rows: 4 }, { reason: 'encoding', rows: 1 }] }, // prettier-ignore
  ])
  expect(found).toEqual([
    { dataset: 'events', column: 'at', rows: 6 },
    { dataset: 'events', column: 'ip', rows: 3 },
    { dataset: 'events', column: null, rows: 1 },
  ])
})
