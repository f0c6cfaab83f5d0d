import { useState } from 'react'

import { Chart } from '~/charts/chart.tsx'
import { chartsFor, chooseChart, type DrawnKind } from '~/charts/choose-chart.ts'
import type { Row, RowColumn } from '~/rows/rows-table.tsx'
import { chartsTexts } from '~/texts/charts.ts'
import { rowsTexts as texts } from '~/texts/rows.ts'
import { Segments } from '~/ui/segments.tsx'
import { Empty } from '~/ui/states.tsx'

/** The picture that says most of these rows, and the others that they can make. */
export function RowsChart({
  columns,
  rows,
}: {
  readonly columns: readonly RowColumn[]
  readonly rows: readonly Row[]
}) {
  const charts = chartsFor(columns, rows)
  const best = chooseChart(columns, rows)
  const [chosen, setChosen] = useState<DrawnKind>()
  const kind = chosen !== undefined && charts.has(chosen) ? chosen : (best?.kind as DrawnKind)
  const chart = charts.get(kind)
  if (chart === undefined) return <Empty title={texts.noChart}>{texts.noChartHint}</Empty>
  return (
    <div className="flex flex-col gap-2 p-3">
      <div>
        <Segments
          label={texts.chart}
          value={kind}
          onChange={setChosen}
          segments={[...charts.keys()].map((value) => ({ value, label: chartsTexts.kinds[value] }))}
        />
      </div>
      <Chart
        drawing={{ chart, rows, formerName: '', missingName: '' }}
        label={texts.chartOf(chartsTexts.kinds[kind], rows.length)}
      />
    </div>
  )
}
