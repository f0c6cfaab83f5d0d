import {
  label,
  numberOf,
  type Chart,
  type ChartKind,
  type ChartRow,
} from '#charts/chart-options.ts'

export interface ShownColumn {
  readonly name: string
  /** As the engine names it; null: nobody has asked. */
  readonly type: string | null
  readonly unit?: string | null
  readonly role?: string | null
}

/** The eight that Explore draws; a figure and a table are no pictures. */
export const drawnKinds = [
  'line',
  'area',
  'bar',
  'stacked-bar',
  'scatter',
  'heatmap',
  'histogram',
  'donut',
] as const satisfies readonly ChartKind[]
export type DrawnKind = (typeof drawnKinds)[number]

export type Meaning = 'time' | 'number' | 'flag' | 'text'

const PERIOD = /^\d{4}(-\d\d(-\d\d([T ]\d\d(:\d\d.*)?)?)?)?$/

/** What a column's values are; texts that are all names of periods are times. */
export function meaningOf({ name, type, role }: ShownColumn, rows: readonly ChartRow[]): Meaning {
  if (role === 'time') return 'time'
  const engine = type ?? ''
  if (/^(DATE|TIMESTAMP|TIME)/.test(engine)) return 'time'
  if (engine === 'BOOLEAN') return 'flag'
  if (numbered.test(engine) && !engine.endsWith('[]')) {
    return role === 'dimension' || isLabel(name) ? 'text' : 'number'
  }
  const known = rows.slice(0, 50).flatMap((row) => row[name] ?? [])
  const isPeriod =
    known.length > 0 && known.every((value) => typeof value === 'string' && PERIOD.test(value))
  return isPeriod ? 'time' : 'text'
}

/** Numbers that name something instead of counting it. */
function isLabel(name: string): boolean {
  return /^(id|year|quarter|month|week|weekday|hour|rank|tied)$|_id$/.test(name)
}

/** Values that a column has, counted up to `most` + 1. */
function distinctOf(rows: readonly ChartRow[], column: string, most: number): number {
  const seen = new Set<string>()
  for (const row of rows) {
    seen.add(label(row[column]))
    if (seen.size > most) break
  }
  return seen.size
}

const numbered = /INT|^(DOUBLE|FLOAT|DECIMAL|REAL)/

/** In their order, but those behind all others. */
function lastOf(names: readonly string[], isLast: (name: string) => boolean): string[] {
  return [...names.filter((name) => !isLast(name)), ...names.filter(isLast)]
}

const SERIES_MAX = 12
const PARTS_MAX = 12
/** Lines of a heatmap that can be told apart. */
const LINES_MAX = 60

interface Sorted {
  readonly times: readonly string[]
  readonly numbers: readonly string[]
  readonly texts: readonly string[]
}

function sorted(columns: readonly ShownColumn[], rows: readonly ChartRow[]): Sorted {
  const byMeaning = Map.groupBy(columns, (column) => meaningOf(column, rows))
  const names = (...meanings: Meaning[]) =>
    meanings.flatMap((meaning) => byMeaning.get(meaning) ?? []).map(({ name }) => name)
  // Names say more than numbers that stand for something, counts of days less than other numbers.
  const isNumbered = (name: string) =>
    numbered.test(columns.find((column) => column.name === name)?.type ?? '')
  return {
    times: names('time'),
    numbers: lastOf(names('number'), (name) => /^(hours|days|weeks|months|years)$/.test(name)),
    texts: lastOf(names('text', 'flag'), isNumbered),
  }
}

/** The kinds that can show these columns, each with what it would show; null: none can. */
export function chartsFor(
  columns: readonly ShownColumn[],
  rows: readonly ChartRow[],
): ReadonlyMap<DrawnKind, Chart> {
  const { times, numbers, texts } = sorted(columns, rows)
  const [time] = times
  const [number, second] = numbers
  const [text] = texts
  const charts = new Map<DrawnKind, Chart>()
  if (number === undefined) return charts
  const several = texts.filter((name) => {
    const found = distinctOf(rows, name, SERIES_MAX)
    return found > 1 && found <= SERIES_MAX
  })
  const along = time ?? text ?? null
  if (along !== null) {
    const isRepeated = distinctOf(rows, along, rows.length) < rows.length
    const series = several.find((name) => name !== along)
    const split = isRepeated && series !== undefined ? { series } : {}
    const base = { x: along, y: [number], ...split }
    if (time !== undefined) {
      charts.set('line', { kind: 'line', ...base })
      charts.set('area', { kind: 'area', ...base })
    }
    charts.set('bar', { kind: 'bar', ...base })
    if (series !== undefined && isRepeated) {
      charts.set('stacked-bar', { kind: 'stacked-bar', x: along, y: [number], series })
    }
    const isLine = (name: string) =>
      name !== along && distinctOf(rows, name, LINES_MAX) <= LINES_MAX
    const other = texts.find(isLine) ?? times.find(isLine)
    if (other !== undefined) {
      charts.set('heatmap', { kind: 'heatmap', x: along, y: [number], series: other })
    }
  }
  if (second !== undefined) charts.set('scatter', { kind: 'scatter', x: number, y: [second] })
  charts.set('histogram', { kind: 'histogram', x: number, y: [number] })
  const whole = text ?? time
  if (whole !== undefined && hasNoNegative(rows, number)) {
    charts.set('donut', { kind: 'donut', x: whole, y: [number] })
  }
  return charts
}

/** The one that says most: what happened over time, else what compares, else how values lie. */
export function chooseChart(
  columns: readonly ShownColumn[],
  rows: readonly ChartRow[],
): Chart | null {
  const charts = chartsFor(columns, rows)
  const { texts, times } = sorted(columns, rows)
  const [time] = times
  const isOverTime = time !== undefined && distinctOf(rows, time, 1) > 1
  const isFew = texts[0] !== undefined && distinctOf(rows, texts[0], PARTS_MAX * 3) <= PARTS_MAX * 3
  const order: readonly DrawnKind[] = isOverTime
    ? ['line', 'bar']
    : isFew
      ? ['bar', 'donut', 'histogram']
      : ['histogram', 'bar']
  return order.map((kind) => charts.get(kind)).find((chart) => chart !== undefined) ?? null
}

function hasNoNegative(rows: readonly ChartRow[], column: string): boolean {
  return rows.every((row) => (numberOf(row[column]) ?? 0) >= 0)
}

/** Columns that each place of a chart can take. */
export function placesOf(
  kind: DrawnKind,
  columns: readonly ShownColumn[],
  rows: readonly ChartRow[],
): {
  readonly x: readonly string[]
  readonly y: readonly string[]
  readonly series: readonly string[]
} {
  const { times, numbers, texts } = sorted(columns, rows)
  const named = [...times, ...texts]
  const all = columns.map(({ name }) => name)
  switch (kind) {
    case 'scatter':
      return { x: numbers, y: numbers, series: texts }
    case 'histogram':
      return { x: [], y: numbers, series: [] }
    case 'donut':
      return { x: all, y: numbers, series: [] }
    case 'heatmap':
      return { x: named, y: numbers, series: named }
    case 'line':
    case 'area':
    case 'bar':
    case 'stacked-bar':
      return { x: all, y: numbers, series: named }
  }
}
