import { useMemo } from 'react'

import type { Chart as ChartWish, ChartRow } from '#charts/chart-options.ts'
import { Chart } from '~/charts/chart.tsx'
import type { PreviewRows } from '~/screens/settings/view-rows.ts'
import { embeddingTexts } from '~/texts/embedding.ts'
import { DataTable } from '~/ui/data-table.tsx'
import { Select } from '~/ui/field.tsx'
import { formatValue } from '~/ui/format.ts'
import { Answer, Empty, Skeleton } from '~/ui/states.tsx'

const texts = embeddingTexts.form
type Kind = keyof typeof texts.kinds

/** How the view will be drawn, over the rows as they are now. */
export function ViewPreview({
  isChosen,
  preview,
  kinds,
  kind,
  onKind,
  chart,
}: {
  readonly isChosen: boolean
  readonly preview: {
    readonly data: PreviewRows | undefined
    readonly error: unknown
    refetch(): unknown
  }
  readonly kinds: readonly string[]
  readonly kind: string
  readonly onKind: (kind: string) => void
  readonly chart: ChartWish | null
}) {
  return (
    <section className="flex min-w-0 flex-col gap-3">
      <Select
        label={texts.drawn}
        value={kind}
        onChange={onKind}
        choices={kinds.map((value) => ({ value, label: texts.kinds[value as Kind] ?? value }))}
      />
      <div className="min-w-0 rounded-lg border border-line bg-surface p-3">
        <h3 className="text-sm font-semibold">{texts.preview}</h3>
        <p className="mb-2 text-xs text-faint">{texts.previewNote}</p>
        {isChosen ? (
          <Answer of={preview} waiting={<Skeleton className="h-72 w-full" />}>
            {(data) => <Drawn data={data} chart={chart} />}
          </Answer>
        ) : (
          <Empty title={texts.previewWaits} />
        )}
      </div>
    </section>
  )
}

function Drawn({ data, chart }: { readonly data: PreviewRows; readonly chart: ChartWish | null }) {
  const drawing = useMemo(
    () => (chart === null ? null : { chart, rows: data.rows, formerName: '', missingName: '' }),
    [chart, data.rows],
  )
  if (drawing !== null) return <Chart drawing={drawing} label={texts.picture} height={280} />
  return (
    <DataTable
      label={texts.preview}
      columns={data.columns.map(({ name }) => ({
        id: name,
        title: name,
        width: 120,
        cell: (row: ChartRow) => <bdi>{formatValue(row[name])}</bdi>,
      }))}
      rows={data.rows}
      rowKey={(_row, at) => at}
      height={280}
    />
  )
}
