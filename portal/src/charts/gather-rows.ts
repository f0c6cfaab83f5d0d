import { label, numberOf, type Chart, type ChartRow } from '#charts/chart-options.ts'

export type Gathering = 'sum' | 'mean'

export interface Gathered {
  readonly rows: readonly ChartRow[]
  /** How several rows of one place became one number; null: each place has one row. */
  readonly by: Gathering | null
}

/** Kinds that show one number at one place. */
const oneEach: ReadonlySet<string> = new Set(['line', 'area', 'bar', 'stacked-bar', 'heatmap'])

/** Rows of which each has a place of its own: those of one place are added up, shares are averaged. */
export function gatherRows(chart: Chart, rows: readonly ChartRow[], unit: string | null): Gathered {
  if (!oneEach.has(chart.kind)) return { rows, by: null }
  const [y = ''] = chart.y
  const places = Map.groupBy(rows, (row) =>
    JSON.stringify([
      label(row[chart.x]),
      chart.series === undefined ? '' : label(row[chart.series]),
    ]),
  )
  if (places.size === rows.length) return { rows, by: null }
  const by = isShare(y, unit) ? 'mean' : 'sum'
  const gathered = Array.from(places.values(), (own) => {
    const numbers = own.map((row) => numberOf(row[y])).filter((value) => value !== null)
    const sum = numbers.reduce((all, value) => all + value, 0)
    // A place without a number stays without one.
    const value = numbers.length === 0 ? null : by === 'sum' ? sum : sum / numbers.length
    return { ...own[0], [y]: value }
  })
  return { rows: gathered, by }
}

function isShare(name: string, unit: string | null): boolean {
  return unit === '%' || /share|percent|ratio|rate|mean|average|median|_p\d\d$/.test(name)
}
