import {
  chartOptions,
  label,
  numberOf,
  type Chart,
  type ChartLook,
  type ChartRow,
} from '#charts/chart-options.ts'
import { formatCount } from '~/ui/format.ts'

export interface Drawing {
  readonly chart: Chart
  readonly rows: readonly ChartRow[]
  /** Rows of a former version: drawn faintly behind. */
  readonly former?: readonly ChartRow[] | undefined
  /** Periods that are expected and not there, by their names: drawn hatched. */
  readonly missing?: readonly string[] | undefined
  /** What the former version is called. */
  readonly formerName: string
  readonly missingName: string
}

type Options = Record<string, unknown>
type Series = Record<string, unknown> & {
  readonly name?: string
  readonly data: readonly unknown[]
}

/** More categories than that are scrolled through. */
const ZOOM_FROM = 80

/** The shared options, with what a page can do and a mail cannot. `hatch`: a pattern to fill with. */
export function portalOptions(drawing: Drawing, look: ChartLook, hatch: unknown): Options | null {
  const { chart } = drawing
  const base = chartOptions(chart, drawing.rows, look)
  if (base === null) return null
  const isAlong = !['scatter', 'heatmap', 'histogram', 'donut'].includes(chart.kind)
  const series = base['series'] as readonly Series[]
  const ghosts = isAlong ? ghostsOf(drawing, look) : []
  const categories = isAlong ? categoriesOf(drawing, base) : null
  const isMany = series.length + ghosts.length > 1
  const hatched = categories === null ? null : hatchedOf(drawing, categories, hatch)
  return {
    ...base,
    title: { show: false },
    backgroundColor: 'transparent',
    legend: isMany
      ? {
          type: 'scroll',
          top: 2,
          left: 0,
          icon: 'roundRect',
          itemWidth: 12,
          itemHeight: 8,
          textStyle: { color: look.ink, fontFamily: look.font },
          pageTextStyle: { color: look.faint },
          pageIconColor: look.ink,
          inactiveColor: look.faint,
        }
      : undefined,
    grid: {
      left: 4,
      right: chart.kind === 'scatter' ? 24 : 16,
      top: isMany ? 36 : 14,
      bottom: chart.kind === 'scatter' ? 24 : zooms(categories) ? 34 : 4,
      containLabel: true,
    },
    ...axesOf(base, chart, categories, hatched !== null),
    ...(zooms(categories) ? { dataZoom: zoomOf(look) } : {}),
    tooltip: tooltipOf(chart, look),
    series: [
      ...series.map((own) => ({
        ...own,
        emphasis: { focus: isMany ? 'series' : 'none' },
        cursor: 'pointer',
      })),
      ...ghosts,
      ...(hatched === null ? [] : [hatched]),
    ],
  }
}

function zooms(categories: readonly string[] | null): boolean {
  return categories !== null && categories.length > ZOOM_FROM
}

function zoomOf(look: ChartLook): object[] {
  const handle = { height: 18, bottom: 4, borderColor: look.line, textStyle: { color: look.faint } }
  return [
    // The wheel alone scrolls the page.
    { type: 'inside', zoomOnMouseWheel: 'shift', moveOnMouseWheel: false },
    { type: 'slider', showDataShadow: false, ...handle },
  ]
}

/** Names along the axis, those of missing periods at their places among them. */
function categoriesOf(
  { chart, rows, former = [], missing = [] }: Drawing,
  base: Options,
): string[] {
  const axis = base['xAxis'] as { readonly data?: readonly string[] }
  const own = [...(axis.data ?? [])]
  const known = new Set(own)
  const others = [...missing, ...former.map((row) => label(row[chart.x]))].filter(
    (name) => !known.has(name),
  )
  if (others.length === 0) return own
  const isSorted = own.every((name, at) => at === 0 || (own[at - 1] ?? '') <= name)
  const all = [...new Set([...own, ...others])]
  return isSorted && rows.length > 0 ? all.toSorted() : all
}

/**
 * Missing periods as bars of full height on axes of their own: bars of one axis share its width, and
 * these are behind all others.
 */
function hatchedOf(
  { missing = [], missingName }: Drawing,
  categories: readonly string[],
  hatch: unknown,
): object | null {
  const places = missing.filter((name) => categories.includes(name))
  if (places.length === 0) return null
  return {
    type: 'bar',
    name: missingName,
    xAxisIndex: 1,
    yAxisIndex: 1,
    barWidth: '92%',
    silent: true,
    z: 0,
    tooltip: { show: false },
    itemStyle: { color: hatch ?? 'rgba(128,128,128,0.2)' },
    data: places.map((name) => [name, 1]),
  }
}

/** Of a mark across a bar, in pixels: narrower where there are many, also on a phone. */
function markWidth(bars: number): number {
  return Math.max(6, Math.min(34, Math.round(240 / Math.max(bars, 1))))
}

/** Numbers of the former version: a dashed line, or a mark where its bar ended. */
function ghostsOf({ chart, former, formerName }: Drawing, look: ChartLook): object[] {
  if (!former || former.length === 0) return []
  const options = chartOptions(chart, former, look)
  const series = (options?.['series'] ?? []) as readonly Series[]
  const isBar = chart.kind === 'bar' || chart.kind === 'stacked-bar'
  if (isBar && series.length > 1) return []
  return series.map(({ name = '', data }, at) => ({
    name: series.length === 1 ? formerName : `${name} · ${formerName}`,
    data,
    silent: true,
    ...(isBar
      ? {
          type: 'scatter',
          symbol: 'rect',
          symbolSize: [markWidth(data.length), 3],
          z: 5,
          color: look.ink,
          itemStyle: { borderColor: look.ground, borderWidth: 1 },
        }
      : {
          type: 'line',
          showSymbol: false,
          connectNulls: false,
          lineStyle: { type: 'dashed', width: 1.5, opacity: 0.7 },
          z: 1,
          color: series.length === 1 ? look.faint : look.palette[at % look.palette.length],
        }),
  }))
}

function axesOf(
  base: Options,
  chart: Chart,
  categories: readonly string[] | null,
  isHatched: boolean,
): Options {
  const { xAxis, yAxis } = base as { xAxis?: Options; yAxis?: Options }
  if (!xAxis || !yAxis) return {}
  const numbers = { formatter: (value: number) => formatCount(value, true) }
  const told = (axis: Options) =>
    axis['type'] === 'value'
      ? { ...axis, axisLabel: { ...(axis['axisLabel'] as object), ...numbers } }
      : { ...axis, splitLine: { show: false } }
  const x = {
    ...told(xAxis),
    ...(categories === null ? {} : { data: categories }),
    ...(chart.kind === 'scatter'
      ? { name: chart.x, nameLocation: 'middle', nameGap: 26, scale: true }
      : {}),
  }
  const y = { ...told(yAxis), ...(chart.kind === 'scatter' ? { scale: true } : {}) }
  if (!isHatched) return { xAxis: x, yAxis: y }
  // A band has a width only where its axis leaves room for it.
  const own = { show: false, boundaryGap: true }
  return {
    xAxis: [
      { ...x, boundaryGap: true },
      { type: 'category', data: categories, ...own, axisPointer: { show: false } },
    ],
    yAxis: [y, { type: 'value', min: 0, max: 1, show: false, axisPointer: { show: false } }],
  }
}

function tooltipOf({ kind }: Chart, look: ChartLook): Options {
  const isAxis = ['line', 'area', 'bar', 'stacked-bar', 'histogram'].includes(kind)
  return {
    trigger: isAxis ? 'axis' : 'item',
    confine: true,
    renderMode: 'richText',
    backgroundColor: look.ground,
    borderColor: look.line,
    textStyle: { color: look.ink, fontFamily: look.font, fontSize: 12 },
    axisPointer: { type: kind === 'line' || kind === 'area' ? 'line' : 'shadow' },
    valueFormatter: (value: unknown) => {
      const number = numberOf(Array.isArray(value) ? value.at(-1) : value)
      return number === null ? '–' : number.toLocaleString('en', { maximumFractionDigits: 6 })
    },
  }
}

/** A place in a chart that somebody has pointed at. */
export interface Point {
  /** Name along the axis, or of the part. */
  readonly name: string
  readonly series: string | null
  /** Of a scatter: both numbers. */
  readonly at: readonly [number, number] | null
}

/** The rows that stand behind a place; empty for one that has none, a missing period among them. */
export function rowsBehind(
  chart: Chart,
  rows: readonly ChartRow[],
  { name, series, at }: Point,
): ChartRow[] {
  const [column = ''] = chart.y
  switch (chart.kind) {
    case 'scatter':
      return rows.filter(
        (row) => numberOf(row[chart.x]) === at?.[0] && numberOf(row[column]) === at?.[1],
      )
    case 'histogram': {
      const [from = NaN, to = NaN] = name.split(' – ').map(Number)
      const isLast = rows.every((row) => (numberOf(row[column]) ?? -Infinity) <= to)
      return rows.filter((row) => {
        const value = numberOf(row[column])
        return value !== null && value >= from && (value < to || (isLast && value <= to))
      })
    }
    case 'line':
    case 'area':
    case 'bar':
    case 'stacked-bar':
    case 'heatmap':
    case 'donut':
    case 'figure':
    case 'table': {
      const isSplit = chart.series !== undefined && series !== null
      return rows.filter(
        (row) =>
          label(row[chart.x]) === name && (!isSplit || label(row[chart.series ?? '']) === series),
      )
    }
  }
}
