import { binned, extent } from '#charts/bins.ts'

/** What a chart shows of rows: plain data, the same for a mail and for a page. */
export const chartKinds = [
  'line',
  'area',
  'bar',
  'stacked-bar',
  'scatter',
  'heatmap',
  'histogram',
  'donut',
  'figure',
  'table',
] as const
export type ChartKind = (typeof chartKinds)[number]

export interface Chart {
  readonly kind: ChartKind
  /** Column along which the values lie; of a heatmap its columns, of a donut its parts. */
  readonly x: string
  /** Columns with the values; a heatmap, a scatter, a histogram, a donut and a figure take the first. */
  readonly y: readonly string[]
  /** Column whose values are the series, or the rows of a heatmap. */
  readonly series?: string | undefined
  readonly title?: string | undefined
  readonly unit?: string | undefined
}

export type ChartRow = Readonly<Record<string, unknown>>

/** One hue for one series, in this order; told apart in print and by people who see no red or green. */
export const palette = ['#175cd3', '#e07a1f', '#0f9d76', '#a23db5', '#c23b4b', '#5b6472', '#b8860b']

/** Colours and letters of the place in which a chart is shown. */
export interface ChartLook {
  readonly ink: string
  readonly faint: string
  readonly line: string
  readonly ground: string
  readonly font: string
  readonly palette: readonly string[]
  /** Least and most of a heatmap. */
  readonly heat: readonly [string, string]
}

/** On white, with letters that come with Millrace. */
export const mailLook: ChartLook = {
  ink: '#1c2430',
  faint: '#5b6472',
  line: '#e2e5ea',
  ground: '#ffffff',
  font: 'DejaVu Sans, system-ui, sans-serif',
  palette,
  heat: ['#eef4ff', '#175cd3'],
}

/**
 * Options of an ECharts instance without animation. Null for the kinds that are no picture: a figure
 * and a table. A point without a number is left out, and never drawn as 0.
 */
export function chartOptions(
  chart: Chart,
  rows: readonly ChartRow[],
  look: ChartLook = mailLook,
): Record<string, unknown> | null {
  const axis = axisOf(look)
  switch (chart.kind) {
    case 'figure':
    case 'table':
      return null
    case 'heatmap':
      return heatmap(chart, rows, look)
    case 'histogram':
      return histogram(chart, rows, look)
    case 'donut':
      return donut(chart, rows, look)
    case 'scatter':
      return frame(chart, look, seriesOf(chart, rows), {
        xAxis: { type: 'value', ...axis },
        yAxis: { type: 'value', ...axis },
      })
    case 'line':
    case 'area':
    case 'bar':
    case 'stacked-bar':
      return frame(chart, look, seriesOf(chart, rows), {
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

function axisOf({ faint, line, font }: ChartLook) {
  return {
    axisLabel: { color: faint, fontFamily: font, hideOverlap: true },
    axisLine: { lineStyle: { color: line } },
    axisTick: { lineStyle: { color: line } },
    splitLine: { lineStyle: { color: line } },
  }
}

function frame(
  chart: Chart,
  look: ChartLook,
  series: readonly object[],
  axes: object,
): Record<string, unknown> {
  const { ink, ground, font } = look
  const isMany = series.length > 1
  return {
    animation: false,
    color: look.palette,
    backgroundColor: ground,
    textStyle: { fontFamily: font, color: ink },
    title: titleOf(chart, look),
    legend: isMany
      ? { top: chart.title ? 34 : 8, left: 8, itemGap: 18, textStyle: { color: ink } }
      : undefined,
    grid: { left: 12, right: 36, top: isMany ? 76 : 56, bottom: 12, containLabel: true },
    ...axes,
    series,
  }
}

function titleOf({ title, unit, y }: Chart, { ink, font }: ChartLook): object {
  const text = title ?? y.join(', ')
  return {
    text: unit === undefined ? text : `${text} · ${unit}`,
    left: 8,
    top: 8,
    textStyle: { fontSize: 15, fontWeight: 'bold', color: ink, fontFamily: font },
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

function heatmap(
  chart: Chart,
  rows: readonly ChartRow[],
  look: ChartLook,
): Record<string, unknown> {
  const axis = axisOf(look)
  const [column = ''] = chart.y
  const across = inOrder(distinct(rows.map((row) => label(row[chart.x]))))
  const down = inOrder(distinct(rows.map((row) => label(row[chart.series ?? '']))))
  const cells = rows.flatMap((row) => {
    const value = numberOf(row[column])
    return value === null ? [] : [[label(row[chart.x]), label(row[chart.series ?? '']), value]]
  })
  const { least, most } = extent(cells.map(([, , value]) => Number(value)))
  return {
    ...frame(
      chart,
      look,
      [{ type: 'heatmap', data: cells, itemStyle: { borderColor: look.ground, borderWidth: 1 } }],
      {
        xAxis: { type: 'category', data: across, ...axis },
        // The first one is read first.
        yAxis: { type: 'category', data: down, inverse: true, ...axis },
      },
    ),
    visualMap: {
      show: false,
      min: Math.min(0, least),
      max: Math.max(1, most),
      inRange: { color: look.heat },
    },
  }
}

/** How many rows have a value of which size. */
function histogram(
  chart: Chart,
  rows: readonly ChartRow[],
  look: ChartLook,
): Record<string, unknown> {
  const axis = axisOf(look)
  const [column = chart.x] = chart.y
  const bins = binned(
    rows.flatMap((row) => {
      const value = numberOf(row[column])
      return value === null ? [] : [value]
    }),
  )
  const series = {
    name: column,
    type: 'bar',
    barCategoryGap: '4%',
    data: bins.map(({ from, to, rows: count }) => [`${short(from)} – ${short(to)}`, count]),
  }
  return frame(chart, look, [series], {
    xAxis: {
      type: 'category',
      data: bins.map(({ from, to }) => `${short(from)} – ${short(to)}`),
      ...axis,
    },
    yAxis: { type: 'value', minInterval: 1, ...axis },
  })
}

const PARTS_MAX = 8

function partText({ name, percent }: { readonly name: string; readonly percent: number }): string {
  return `${name}\n${percent.toFixed(percent < 10 ? 1 : 0)} %`
}

/** Shares of a whole; what is beyond the largest few is one part, so that none is left out. */
function donut(chart: Chart, rows: readonly ChartRow[], look: ChartLook): Record<string, unknown> {
  const [column = ''] = chart.y
  const sums = new Map<string, number>()
  for (const row of rows) {
    const value = numberOf(row[column])
    if (value === null || value <= 0) continue
    const name = label(row[chart.x])
    sums.set(name, (sums.get(name) ?? 0) + value)
  }
  const parts = [...sums].toSorted(([, a], [, b]) => b - a)
  const shown = parts.length > PARTS_MAX ? parts.slice(0, PARTS_MAX - 1) : parts
  const rest = parts.slice(shown.length).reduce((sum, [, value]) => sum + value, 0)
  const data = shown.map(([name, value]) => ({ name, value }))
  const { ink, faint, ground } = look
  const others =
    rest > 0
      ? [
          {
            name: `${parts.length - shown.length} others`,
            value: rest,
            itemStyle: { color: faint, opacity: 0.5 },
          },
        ]
      : []
  const series = {
    type: 'pie',
    radius: ['42%', '66%'],
    center: ['50%', '56%'],
    itemStyle: { borderColor: ground, borderWidth: 2 },
    label: { color: ink, lineHeight: 15, formatter: partText },
    data: [...data, ...others],
  }
  return frame(chart, look, [series], {})
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function distinct(labels: readonly string[]): string[] {
  return [...new Set(labels)]
}

/** Numbers by size; names as they come. */
function inOrder(labels: readonly string[]): readonly string[] {
  const areNumbers = labels.every((one) => numberOf(one) !== null)
  return areNumbers ? labels.toSorted((a, b) => Number(a) - Number(b)) : labels
}

/** Of an axis: short, one line. */
export function label(value: unknown): string {
  if (value === null || value === undefined) return '–'
  const text = textOf(value)
  const day = /^(\d{4}-\d\d-\d\d)[T ]00:00:00(\.0+)?Z?$/.exec(text)?.[1]
  const line = (day ?? text).replace(/\s+/g, ' ')
  return line.length > 24 ? `${line.slice(0, 23)}…` : line
}

/** Also of a number that a double cannot hold exactly: for a picture that is near enough. */
export function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || typeof value === 'boolean') return null
  const text = textOf(value)
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : null
}

/** The SDK reads integers that a double cannot hold as `bigint`, of which JSON knows nothing. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value)
}
