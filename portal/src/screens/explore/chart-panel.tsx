import { useEffect, useMemo } from 'react'

import type { Chart as ChartData } from '#charts/chart-options.ts'
import { useTenant } from '~/api/access.ts'
import { useSetAddress } from '~/browser/address.ts'
import { noteDone } from '~/browser/last-visit.ts'
import { Chart } from '~/charts/chart.tsx'
import { ChartKinds, ChartPlaces, UNSPLIT } from '~/charts/chart-choice.tsx'
import { chartsFor, chooseChart, type DrawnKind, type ShownColumn } from '~/charts/choose-chart.ts'
import { gatherRows, type Gathering } from '~/charts/gather-rows.ts'
import type { Point } from '~/charts/portal-options.ts'
import type { ChartWish } from '~/rows/question.ts'
import type { Row } from '~/screens/explore/rows.ts'
import { chartsTexts } from '~/texts/charts.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'

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
  const set = useSetAddress()
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
  const name = texts.chartLabel(
    chartsTexts.kinds[kind],
    y,
    chart.x,
    texts.rows(formatCount(rows.length)),
  )
  return (
    <Card
      title={titleOf(chart, unit, gathered?.by ?? null)}
      actions={
        <ChartKinds
          value={kind}
          columns={columns}
          rows={rows}
          onChange={(chosen) =>
            set({ chart: chosen, x: undefined, y: undefined, series: undefined })
          }
        />
      }
    >
      <div className="flex flex-col gap-3">
        <Chart drawing={drawing} label={name} height={360} onPoint={onPoint} />
        <ChartPlaces
          chart={chart}
          columns={columns}
          rows={rows}
          // A kind that was found by itself stays when one of its places is chosen.
          onChange={(places) => set({ chart: kind, ...places })}
        />
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
