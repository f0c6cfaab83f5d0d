import { expect, test } from 'vitest'

import { countSeen, questionOf } from '~/doors/seen-data.ts'

const access = {
  endpoints: ['events', 'gone'],
  columns: { events: ['id', 'country'] },
  rows: {
    events: [
      { column: 'country', op: 'in', value: ['CH', 'A, B'] },
      { column: 'id', op: 'ge', value: '10' },
      { column: 'id', op: 'lt', value: '20' },
    ],
  },
}

test('datasets are counted as far as they are there', () => {
  const names = ['events', 'users', 'totals']
  expect(countSeen(access, names)).toEqual({ seen: 1, all: 3, fewerColumns: 1, fewerRows: 1 })
  const all = { endpoints: null, columns: {}, rows: {} }
  expect(countSeen(all, names)).toEqual({ seen: 3, all: 3, fewerColumns: 0, fewerRows: 0 })
})

test('the rows that it sees are asked for by the same conditions', () => {
  expect(questionOf(access, 'events')).toEqual({
    select: ['id', 'country'],
    where: { country: ['in.["CH","A, B"]'], id: ['ge.10', 'lt.20'] },
  })
  expect(questionOf(access, 'users')).toEqual({})
})
