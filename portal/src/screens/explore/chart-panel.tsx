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
import { useEffect, useMemo } from 'react'

import type { Chart as ChartData } from '#charts/chart-options.ts'
import { useTenant } from '~/api/access.ts'
import { useSetAddress } from '~/browser/address.ts'
import { noteDone } from '~/browser/last-visit.ts'
import { Chart } from '~/charts/chart.tsx'
import {
  chartsFor,
  chooseChart,
  drawnKinds,
  placesOf,
  type DrawnKind,
  type ShownColumn,
} from '~/charts/choose-chart.ts'
import { gatherRows, type Gathering } from '~/charts/gather-rows.ts'
import type { Point } from '~/charts/portal-options.ts'
import type { ChartWish } from '~/rows/question.ts'
import type { Row } from '~/screens/explore/rows.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Select } from '~/ui/field.tsx'
import { formatCount } from '~/ui/format.ts'

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

const UNSPLIT = '-'

/** What is drawn: as somebody has chosen, else as the columns ask for. */
export function chartShown(
  wish: ChartWish,
  columns: readonly ShownColumn[],
  rows: readonly Row[],
): ChartData | null {
  const charts = chartsFor(columns, rows)
  const chosen = wish.kind === null ? chooseChart(columns, rows) : (charts.get(wish.kind) ?? null)
  if (chosen === null) return null
  const has = (name: string | null): name is string =>
    name !== null && columns.some((column) => column.name === name)
  const { series: own, ...rest } = chosen
  const series = wish.series === UNSPLIT ? undefined : has(wish.series) ? wish.series : own
  return {
    ...rest,
    ...(has(wish.x) && { x: wish.x }),
    ...(has(wish.y) && { y: [wish.y] }),
    ...(series !== undefined && { series }),
  }
}

/** The picture of the rows, with what can be chosen of it. */
export function ChartPanel({
  chart,
  columns,
  rows,
  former,
  missing,
  isMore,
  canDrawMore,
  onMore,
  isFetchingMore,
  onPoint,
}: {
  readonly chart: ChartData | null
  readonly columns: readonly ShownColumn[]
  readonly rows: readonly Row[]
  readonly former: readonly Row[] | undefined
  readonly missing: readonly string[]
  /** There are rows that are not drawn. */
  readonly isMore: boolean
  readonly canDrawMore: boolean
  readonly onMore: () => void
  readonly isFetchingMore: boolean
  readonly onPoint: (point: Point) => void
}) {
  const tenant = useTenant() ?? ''
  const isDrawn = chart !== null && rows.length > 0
  useEffect(() => {
    if (isDrawn) noteDone('chart', tenant)
  }, [isDrawn, tenant])
  const unit = columns.find(({ name }) => name === chart?.y[0])?.unit ?? null
  const gathered = useMemo(() => chart && gatherRows(chart, rows, unit), [chart, rows, unit])
  const drawing = useMemo(
    () =>
      chart && {
        chart,
        rows: gathered?.rows ?? rows,
        former: former && gatherRows(chart, former, unit).rows,
        missing,
        formerName: texts.formerName,
        missingName: texts.missingName,
      },
    [chart, rows, gathered, former, missing, unit],
  )
  if (drawing === null || chart === null) {
    // Rows without a number are looked at as rows.
    return rows.length === 0 ? null : <p className="text-sm text-faint">{texts.noChart}</p>
  }
  const kind = chart.kind as DrawnKind
  const [y = ''] = chart.y
  const name = texts.chartLabel(texts.kinds[kind], y, chart.x, texts.rows(formatCount(rows.length)))
  return (
    <Card
      title={titleOf(chart, unit, gathered?.by ?? null)}
      actions={<Kinds value={kind} columns={columns} rows={rows} />}
    >
      <div className="flex flex-col gap-3">
        <Chart drawing={drawing} label={name} height={360} onPoint={onPoint} />
        <Places chart={chart} columns={columns} rows={rows} />
        {isMore && (
          <p className="flex flex-wrap items-center gap-2 text-xs text-faint">
            {texts.drawnOf(formatCount(rows.length))}
            {canDrawMore && (
              <Button size="small" look="quiet" busy={isFetchingMore} onClick={onMore}>
                {texts.drawMore}
              </Button>
            )}
          </p>
        )}
      </div>
    </Card>
  )
}

function titleOf({ kind, x, y }: ChartData, unit: string | null, by: Gathering | null): string {
  const [name = ''] = y
  const what = by === null ? name : texts.gathered[by](name)
  const said = kind === 'scatter' ? texts.against(what, x) : what
  return unit === null || unit === name ? said : `${said} · ${unit}`
}

function Kinds({
  value,
  columns,
  rows,
}: {
  readonly value: DrawnKind
  readonly columns: readonly ShownColumn[]
  readonly rows: readonly Row[]
}) {
  const set = useSetAddress()
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
            onClick={() => set({ chart: kind, x: undefined, y: undefined, series: undefined })}
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

function Places({
  chart,
  columns,
  rows,
}: {
  readonly chart: ChartData
  readonly columns: readonly ShownColumn[]
  readonly rows: readonly Row[]
}) {
  const set = useSetAddress()
  const kind = chart.kind as DrawnKind
  const { x, y, series } = placesOf(kind, columns, rows)
  const [shown = ''] = chart.y
  const choices = (names: readonly string[], current: string) =>
    [...new Set([current, ...names])].map((name) => ({ value: name, label: name }))
  // A kind that was found by itself stays when one of its places is chosen.
  const choose = (value: Readonly<Record<string, string>>) => set({ chart: kind, ...value })
  return (
    <div className="grid grid-cols-2 gap-2 sm:grid-cols-3">
      {x.length > 0 && (
        <Select
          label={texts.along}
          value={chart.x}
          choices={choices(x, chart.x)}
          onChange={(next) => choose({ x: next })}
        />
      )}
      {y.length > 1 && (
        <Select
          label={texts.number}
          value={shown}
          choices={choices(y, shown)}
          onChange={(next) => choose({ y: next })}
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
          onChange={(next) => choose({ series: next })}
        />
      )}
    </div>
  )
}
