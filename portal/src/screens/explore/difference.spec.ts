import { describe, expect, it } from 'vitest'

import { differencesOf } from '~/screens/explore/difference.ts'

const columns = [
  { name: 'month', type: 'VARCHAR' },
  { name: 'who', type: 'VARCHAR' },
  { name: 'n', type: 'BIGINT' },
]
const row = (who: string, n: unknown) => ({ month: '2021-04', who, n })

describe('what differs between two states', () => {
  it('is told by number, for rows of the same name', () => {
    const told = differencesOf(columns, [row('a', 2), row('b', 3)], [row('b', 3), row('a', 5)])
    expect(told).toMatchObject({ changed: 1, added: 0, removed: 0 })
    expect(told.list).toEqual([
      { change: 'changed', name: '2021-04 · a', column: 'n', before: 2, after: 5, by: 3 },
    ])
  })

  it('knows new rows and rows that are gone, and twins', () => {
    const told = differencesOf(columns, [row('a', 1), row('x', 9)], [row('a', 1), row('a', 4)])
    expect(told).toMatchObject({ changed: 0, added: 1, removed: 1 })
  })

  it('compares numbers that a double cannot hold digit by digit', () => {
    const told = differencesOf(
      columns,
      [row('a', 9007199254740993n)],
      [row('a', 9007199254740992n)],
    )
    expect(told.changed).toBe(1)
  })
})
