import { describe, expect, it } from 'vitest'

import { chartsFor, chooseChart, meaningOf } from '~/charts/choose-chart.ts'

const months = [
  { month: '2021-01', events: 3, users: 2 },
  { month: '2021-02', events: 5, users: 4 },
]
const column = (name: string, type: string | null = null) => ({ name, type })
const ofMonths = [column('month', 'VARCHAR'), column('events', 'BIGINT'), column('users', 'BIGINT')]

describe('what a column means', () => {
  it('reads names of periods as times, and numbers that name something as texts', () => {
    expect(meaningOf(column('month', 'VARCHAR'), months)).toBe('time')
    expect(meaningOf(column('rank', 'BIGINT'), [])).toBe('text')
    expect(meaningOf(column('at', 'TIMESTAMP'), [])).toBe('time')
    expect(meaningOf(column('tags', 'VARCHAR[]'), [])).toBe('text')
    expect(meaningOf(column('amount', 'DECIMAL(18,2)'), [])).toBe('number')
  })
})

describe('which chart', () => {
  it('draws what happened over time as a line', () => {
    expect(chooseChart(ofMonths, months)).toEqual({ kind: 'line', x: 'month', y: ['events'] })
  })

  it('compares few names as bars, and shows how many numbers lie', () => {
    const rows = [
      { who: 'a', n: 1 },
      { who: 'b', n: 2 },
    ]
    expect(chooseChart([column('who', 'VARCHAR'), column('n', 'BIGINT')], rows)?.kind).toBe('bar')
    const many = Array.from({ length: 500 }, (_, at) => ({ who: `w${at}`, n: at }))
    const chart = chooseChart([column('who', 'VARCHAR'), column('n', 'BIGINT')], many)
    expect(chart?.kind).toBe('histogram')
  })

  it('splits a repeated time by a column of few values', () => {
    const rows = ['a', 'b'].flatMap((kind) => months.map((row) => ({ ...row, kind })))
    const charts = chartsFor([...ofMonths, column('kind', 'VARCHAR')], rows)
    expect(charts.get('line')?.series).toBe('kind')
    expect(charts.get('stacked-bar')?.series).toBe('kind')
  })

  it('has nothing to draw without a number, and no donut of negative parts', () => {
    expect(chooseChart([column('who', 'VARCHAR')], [{ who: 'a' }])).toBeNull()
    const charts = chartsFor(
      [column('who', 'VARCHAR'), column('n', 'BIGINT')],
      [{ who: 'a', n: -1 }],
    )
    expect(charts.has('donut')).toBe(false)
  })
})
