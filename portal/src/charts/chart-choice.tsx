import {
  AreaChart,
  BarChart3,
  ChartColumnStacked,
  ChartLine,
  ChartPie,
  ChartScatter,
  Grid3x3,
  type LucideIcon,
  Tally5,
} from 'lucide-react'
import { useMemo } from 'react'

import type { Chart as ChartData, ChartRow } from '#charts/chart-options.ts'
import {
  chartsFor,
  drawnKinds,
  placesOf,
  type DrawnKind,
  type ShownColumn,
} from '~/charts/choose-chart.ts'
import { chartsTexts as texts } from '~/texts/charts.ts'
import { classes } from '~/ui/classes.ts'
import { Select } from '~/ui/field.tsx'

const icons: Record<DrawnKind, LucideIcon> = {
  line: ChartLine,
  area: AreaChart,
  bar: BarChart3,
  'stacked-bar': ChartColumnStacked,
  scatter: ChartScatter,
  heatmap: Grid3x3,
  histogram: Tally5,
  donut: ChartPie,
}

/** Stands for a series that is not wanted, also where there would be one by itself. */
export const UNSPLIT = '-'

/** What of a chart was chosen anew. */
export interface ChartPlacesChosen {
  readonly x?: string
  readonly y?: string
  /** Or {@link UNSPLIT}. */
  readonly series?: string
}

/** The eight kinds as pictures; those that these columns cannot make are dimmed, and say so. */
export function ChartKinds({
  value,
  columns,
  rows,
  onChange,
}: {
  readonly value: DrawnKind | null
  readonly columns: readonly ShownColumn[]
  readonly rows: readonly ChartRow[]
  readonly onChange: (kind: DrawnKind) => void
}) {
  const fitting = useMemo(() => chartsFor(columns, rows), [columns, rows])
  return (
    <div
      role="group"
      aria-label={texts.kind}
      className="inline-flex flex-wrap gap-0.5 rounded-md bg-sunken p-0.5"
    >
      {drawnKinds.map((kind) => {
        const Icon = icons[kind]
        const fits = fitting.has(kind)
        const says = `${texts.kinds[kind]}: ${fits ? texts.kindsFor[kind] : texts.cannot}`
        return (
          <button
            key={kind}
            type="button"
            aria-label={says}
            title={says}
            aria-pressed={kind === value}
            disabled={!fits}
            onClick={() => onChange(kind)}
            className={classes(
              'inline-flex size-7 items-center justify-center rounded disabled:opacity-35',
              kind === value ? 'bg-surface text-ink shadow-card' : 'text-soft hover:text-ink',
            )}
          >
            <Icon size={16} />
          </button>
        )
      })}
    </div>
  )
}

/** Which column lies where. */
export function ChartPlaces({
  chart,
  columns,
  rows,
  onChange,
}: {
  readonly chart: ChartData
  readonly columns: readonly ShownColumn[]
  readonly rows: readonly ChartRow[]
  readonly onChange: (places: ChartPlacesChosen) => void
}) {
  const kind = chart.kind as DrawnKind
  const { x, y, series } = placesOf(kind, columns, rows)
  const [shown = ''] = chart.y
  const choices = (names: readonly string[], current: string) =>
    [...new Set([current, ...names])].map((name) => ({ value: name, label: name }))
  return (
    <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
      {x.length > 0 && (
        <Select
          label={texts.along}
          value={chart.x}
          choices={choices(x, chart.x)}
          onChange={(next) => onChange({ x: next })}
        />
      )}
      {y.length > 1 && (
        <Select
          label={texts.number}
          value={shown}
          choices={choices(y, shown)}
          onChange={(next) => onChange({ y: next })}
        />
      )}
      {series.length > 0 && kind !== 'donut' && (
        <Select
          label={texts.split}
          value={chart.series ?? UNSPLIT}
          choices={[
            ...(kind === 'heatmap' || kind === 'stacked-bar'
              ? []
              : [{ value: UNSPLIT, label: texts.notSplit }]),
            ...choices(
              series.filter((name) => name !== chart.x),
              chart.series ?? series[0] ?? '',
            ),
          ]}
          onChange={(next) => onChange({ series: next })}
        />
      )}
    </div>
  )
}
