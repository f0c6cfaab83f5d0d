import { expect, test } from 'vitest'

import { draftOf, everything, fieldsOf } from '~/doors/access-draft.ts'

test('all of the data is no list of names', () => {
  expect(fieldsOf(everything)).toEqual({ columns: {}, rows: {} })
})

test('nothing chosen is no data at all, which is not the same', () => {
  expect(fieldsOf({ ...everything, isAll: false })).toEqual({
    endpoints: [],
    columns: {},
    rows: {},
  })
})

test('what is stored comes back as it was', () => {
  const stored = {
    endpoints: ['events', 'totals'],
    columns: { totals: ['town'] },
    rows: {
      events: [
        { column: 'country', op: 'in', value: ['CH', 'AT'] },
        { column: 'id', op: 'ge', value: '10' },
      ],
    },
  }
  expect(fieldsOf(draftOf(stored))).toEqual(stored)
})

test('limits of what is not chosen, and conditions half typed, are left out', () => {
  const draft = {
    isAll: false,
    chosen: new Set(['events']),
    columns: { totals: ['town'], events: [] },
    rows: {
      totals: [{ column: 'town', op: 'eq' as const, value: 'Bern' }],
      events: [
        { column: '', op: 'eq' as const, value: 'x' },
        { column: 'id', op: 'eq' as const, value: ' ' },
      ],
    },
  }
  expect(fieldsOf(draft)).toEqual({ endpoints: ['events'], columns: {}, rows: {} })
})
