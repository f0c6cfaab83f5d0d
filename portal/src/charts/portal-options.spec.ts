import { describe, expect, it } from 'vitest'

import { mailLook, type Chart } from '#charts/chart-options.ts'
import { portalOptions, rowsBehind, type Drawing } from '~/charts/portal-options.ts'

const rows = [
  { month: '2021-01', events: 3 },
  { month: '2021-03', events: 5 },
]
const line: Chart = { kind: 'line', x: 'month', y: ['events'] }
const named = { formerName: 'before', missingName: 'missing' }

interface Axis {
  readonly data: readonly string[]
}

interface Told {
  readonly xAxis: Axis | readonly Axis[]
  readonly series: readonly {
    readonly name: string
    readonly type: string
    readonly data: readonly unknown[]
  }[]
}

const draw = (drawing: Drawing) => portalOptions(drawing, mailLook, null) as unknown as Told

describe('a chart on a page', () => {
  it('shows a missing period at its place, hatched and without a number', () => {
    const told = draw({ chart: line, rows, missing: ['2021-02'], ...named })
    expect([told.xAxis].flat()[0]?.data).toEqual(['2021-01', '2021-02', '2021-03'])
    expect(told.series.find(({ name }) => name === 'missing')?.data).toEqual([['2021-02', 1]])
    expect(told.series[0]?.data).toHaveLength(2)
  })

  it('draws the former version behind, also where it had more', () => {
    const former = [...rows, { month: '2021-04', events: 1 }]
    const told = draw({ chart: line, rows, former, ...named })
    expect(told.series.map(({ name }) => name)).toEqual(['events', 'before'])
    expect([told.xAxis].flat()[0]?.data).toContain('2021-04')
  })

  it('leads from a place to its rows, and from a missing one to none', () => {
    const at = { series: null, at: null }
    expect(rowsBehind(line, rows, { name: '2021-03', ...at })).toEqual([rows[1]])
    expect(rowsBehind(line, rows, { name: '2021-02', ...at })).toEqual([])
    const histogram: Chart = { kind: 'histogram', x: 'events', y: ['events'] }
    expect(rowsBehind(histogram, rows, { name: '3 – 4', ...at })).toEqual([rows[0]])
    expect(rowsBehind(histogram, rows, { name: '4 – 5', ...at })).toEqual([rows[1]])
  })
})
