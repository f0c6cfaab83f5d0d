import { describe, expect, it } from 'vitest'

import type { Chart } from '#charts/chart-options.ts'
import { gatherRows } from '~/charts/gather-rows.ts'

const rows = [
  { month: '2021-01', who: 'a', n: 1, share: 20 },
  { month: '2021-01', who: 'b', n: 2, share: 40 },
  { month: '2021-02', who: 'a', n: 4, share: 10 },
]
const bar: Chart = { kind: 'bar', x: 'month', y: ['n'] }

describe('several rows of one place', () => {
  it('are added up, and shares are averaged', () => {
    expect(gatherRows(bar, rows, null)).toMatchObject({ by: 'sum', rows: [{ n: 3 }, { n: 4 }] })
    const shares = gatherRows({ ...bar, y: ['share'] }, rows, '%')
    expect(shares).toMatchObject({ by: 'mean', rows: [{ share: 30 }, { share: 10 }] })
  })

  it('stay as they are where each has a place of its own', () => {
    expect(gatherRows({ ...bar, series: 'who' }, rows, null)).toEqual({ rows, by: null })
    expect(gatherRows({ ...bar, kind: 'scatter' }, rows, null).by).toBeNull()
  })

  it('have no number where none of them has one', () => {
    const none = [{ month: '2021-01' }, { month: '2021-01', n: null }]
    expect(gatherRows(bar, none, null).rows[0]?.['n']).toBeNull()
  })
})
