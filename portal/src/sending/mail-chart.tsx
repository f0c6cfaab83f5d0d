import { useMemo } from 'react'

import type { Chart as ChartData, ChartRow } from '#charts/chart-options.ts'
import { Chart } from '~/charts/chart.tsx'
import { chartsTexts } from '~/texts/charts.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { Stat } from '~/ui/card.tsx'
import { formatCount, formatValue } from '~/ui/format.ts'

/** The picture that a mail would hold of these rows: of them as they are, none added up. */
export function MailChart({
  chart,
  rows,
}: {
  readonly chart: ChartData
  readonly rows: readonly ChartRow[]
}) {
  const drawing = useMemo(() => ({ chart, rows, formerName: '', missingName: '' }), [chart, rows])
  const [y = ''] = chart.y
  if (chart.kind === 'table') return null
  if (rows.length === 0) return <p className="text-sm text-faint">{texts.chartNoRows}</p>
  const kinds: Readonly<Record<string, string>> = { ...chartsTexts.kinds, ...texts.chartKinds }
  const kind = kinds[chart.kind] ?? chart.kind
  return (
    <figure className="flex min-w-0 flex-col gap-2 rounded-md border border-line bg-surface p-3">
      {chart.title !== undefined && <p className="text-sm font-semibold">{chart.title}</p>}
      {chart.kind === 'figure' ? (
        <Stat label={y} value={formatValue(rows[0]?.[y])} note={chart.unit} />
      ) : (
        <Chart drawing={drawing} label={texts.chartLabel(kind, y, chart.x)} height={240} />
      )}
      <figcaption className="text-xs text-faint">
        {texts.chartNote(formatCount(rows.length))}
      </figcaption>
    </figure>
  )
}
