/** What a chart shows of rows: plain data, the same for a mail and for a page. */
export const chartKinds = [
  'line',
  'area',
  'bar',
  'stacked-bar',
  'scatter',
  'heatmap',
  'figure',
  'table',
] as const
export type ChartKind = (typeof chartKinds)[number]

export interface Chart {
  readonly kind: ChartKind
  /** Column along which the values lie; of a heatmap its columns. */
  readonly x: string
  /** Columns with the values; a heatmap, a scatter and a figure take the first. */
  readonly y: readonly string[]
  /** Column whose values are the series, or the rows of a heatmap. */
  readonly series?: string | undefined
  readonly title?: string | undefined
  readonly unit?: string | undefined
}

export type ChartRow = Readonly<Record<string, unknown>>

/** One hue for one series, in this order; told apart in print and by people who see no red or green. */
export const palette = ['#175cd3', '#e07a1f', '#0f9d76', '#a23db5', '#c23b4b', '#5b6472', '#b8860b']

const INK = '#1c2430'
const FAINT = '#5b6472'
const LINE = '#e2e5ea'
const FONT = 'DejaVu Sans, system-ui, sans-serif'

/**
 * Options of an ECharts instance without animation. Null for the kinds that are no picture: a figure
 * and a table. A point without a number is left out, and never drawn as 0.
 */
export function chartOptions(
  chart: Chart,
  rows: readonly ChartRow[],
): Record<string, unknown> | null {
  switch (chart.kind) {
    case 'figure':
    case 'table':
      return null
    case 'heatmap':
      return heatmap(chart, rows)
    case 'scatter':
      return frame(chart, seriesOf(chart, rows), {
        xAxis: { type: 'value', ...axis },
        yAxis: { type: 'value', ...axis },
      })
    case 'line':
    case 'area':
    case 'bar':
    case 'stacked-bar':
      return frame(chart, seriesOf(chart, rows), {
        xAxis: {
          type: 'category',
          data: distinct(rows.map((row) => label(row[chart.x]))),
          boundaryGap: chart.kind === 'bar' || chart.kind === 'stacked-bar',
          ...axis,
        },
        yAxis: { type: 'value', ...axis },
      })
  }
}

const axis = {
  axisLabel: { color: FAINT, fontFamily: FONT, hideOverlap: true },
  axisLine: { lineStyle: { color: LINE } },
  splitLine: { lineStyle: { color: LINE } },
}

function frame(chart: Chart, series: readonly object[], axes: object): Record<string, unknown> {
  const isMany = series.length > 1
  return {
    animation: false,
    color: palette,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT, color: INK },
    title: titleOf(chart),
    legend: isMany
      ? { top: chart.title ? 34 : 8, left: 8, itemGap: 18, textStyle: { color: INK } }
      : undefined,
    grid: { left: 12, right: 36, top: isMany ? 76 : 56, bottom: 12, containLabel: true },
    ...axes,
    series,
  }
}

function titleOf({ title, unit, y }: Chart): object {
  const text = title ?? y.join(', ')
  return {
    text: unit === undefined ? text : `${text} · ${unit}`,
    left: 8,
    top: 8,
    textStyle: { fontSize: 15, fontWeight: 'bold', color: INK, fontFamily: FONT },
  }
}

function seriesOf(chart: Chart, rows: readonly ChartRow[]): object[] {
  const [first = ''] = chart.y
  const groups: (readonly [string, string, readonly ChartRow[]])[] =
    chart.series === undefined
      ? chart.y.map((column) => [column, column, rows] as const)
      : Array.from(
          Map.groupBy(rows, (row) => label(row[chart.series ?? ''])),
          ([name, own]) => [name, first, own] as const,
        )
  const isLine = chart.kind === 'line' || chart.kind === 'area'
  return groups.map(([name, column, own]) => ({
    name,
    type: isLine ? 'line' : chart.kind === 'scatter' ? 'scatter' : 'bar',
    ...(chart.kind === 'area' ? { areaStyle: { opacity: 0.18 } } : {}),
    ...(chart.kind === 'stacked-bar' ? { stack: 'all' } : {}),
    ...(isLine ? { showSymbol: own.length < 40, symbolSize: 5, connectNulls: false } : {}),
    barMaxWidth: 42,
    data: own.flatMap((row) => point(chart, row, column)),
  }))
}

function point(chart: Chart, row: ChartRow, column: string): (string | number)[][] {
  const value = numberOf(row[column])
  if (value === null) return []
  if (chart.kind !== 'scatter') return [[label(row[chart.x]), value]]
  const x = numberOf(row[chart.x])
  return x === null ? [] : [[x, value]]
}

function heatmap(chart: Chart, rows: readonly ChartRow[]): Record<string, unknown> {
  const [column = ''] = chart.y
  const across = distinct(rows.map((row) => label(row[chart.x])))
  const down = distinct(rows.map((row) => label(row[chart.series ?? ''])))
  const cells = rows.flatMap((row) => {
    const value = numberOf(row[column])
    return value === null ? [] : [[label(row[chart.x]), label(row[chart.series ?? '']), value]]
  })
  const values = cells.map(([, , value]) => Number(value))
  return {
    ...frame(
      chart,
      [{ type: 'heatmap', data: cells, itemStyle: { borderColor: '#fff', borderWidth: 1 } }],
      {
        xAxis: { type: 'category', data: across, ...axis },
        yAxis: { type: 'category', data: down, ...axis },
      },
    ),
    visualMap: {
      show: false,
      min: Math.min(0, ...values),
      max: Math.max(1, ...values),
      inRange: { color: ['#eef4ff', '#175cd3'] },
    },
  }
}

function distinct(labels: readonly string[]): string[] {
  return [...new Set(labels)]
}

/** Of an axis: short, one line. */
export function label(value: unknown): string {
  if (value === null || value === undefined) return '–'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const day = /^(\d{4}-\d\d-\d\d)[T ]00:00:00(\.0+)?Z?$/.exec(text)?.[1]
  const line = (day ?? text).replace(/\s+/g, ' ')
  return line.length > 24 ? `${line.slice(0, 23)}…` : line
}

/** Also of a number that a double cannot hold exactly: for a picture that is near enough. */
export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || typeof value === 'boolean') return null
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : null
}
