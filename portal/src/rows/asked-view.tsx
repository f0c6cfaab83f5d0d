import { Link } from '@tanstack/react-router'
import { Truck } from 'lucide-react'
import { useState } from 'react'

import { useTenant } from '~/api/access.ts'
import type { Asked } from '~/rows/ask.ts'
import { RowsChart } from '~/rows/rows-chart.tsx'
import { RowsTable, type RowColumn } from '~/rows/rows-table.tsx'
import { rowsTexts as texts } from '~/texts/rows.ts'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { AsOf } from '~/ui/page.tsx'
import { Segments } from '~/ui/segments.tsx'
import { Empty } from '~/ui/states.tsx'

type View = 'table' | 'chart' | 'raw' | 'headers'

/** Longer texts slow the browser down; the file has all of it. */
const RAW_MOST = 200_000

/** An answer in four ways: as a table, as a picture, as it came, and what came with it. */
export function AskedView({
  asked,
  label,
  columns = asked.columns,
}: {
  readonly asked: Asked
  readonly label: string
  /** What is known of its columns beside their types: units, roles. */
  readonly columns?: readonly RowColumn[]
}) {
  const [chosen, setChosen] = useState<View>('table')
  const { rows, raw } = asked
  const views: readonly View[] =
    rows === null ? ['raw', 'headers'] : ['table', 'chart', 'raw', 'headers']
  const view = views.includes(chosen) ? chosen : 'raw'
  if (asked.delivery !== null) return <Delivered delivery={asked.delivery} />
  return (
    <div className="flex min-w-0 flex-col">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pb-3">
        <Segments
          label={texts.view}
          value={view}
          onChange={setChosen}
          segments={views.map((value) => ({ value, label: texts[value] }))}
        />
        <Summary asked={asked} />
      </div>
      {view === 'table' && rows !== null && (
        <RowsTable
          label={label}
          columns={columns}
          rows={rows}
          empty={<Empty title={texts.noRows}>{texts.noRowsHint}</Empty>}
        />
      )}
      {view === 'chart' && rows !== null && <RowsChart columns={columns} rows={rows} />}
      {view === 'raw' && (
        <pre
          tabIndex={0}
          aria-label={texts.raw}
          className="max-h-120 overflow-auto border-t border-line p-4 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
        >
          {raw.length > RAW_MOST ? `${raw.slice(0, RAW_MOST)}…` : raw}
        </pre>
      )}
      {view === 'headers' && <Headers asked={asked} />}
    </div>
  )
}

function Summary({ asked }: { readonly asked: Asked }) {
  const { rows, isMore, status, tookMs, sizeBytes, receipt, asOf, parts } = asked
  const count = rows === null ? null : formatCount(rows.length)
  return (
    <div className="num flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
      <span className="font-medium text-good">{status}</span>
      <span>{formatDuration(tookMs)}</span>
      <span>{formatBytes(sizeBytes)}</span>
      {count !== null && <span>{isMore ? texts.firstRows(count) : texts.rows(count)}</span>}
      <AsOf asOf={asOf} receipt={receipt} parts={parts} />
    </div>
  )
}

function Headers({ asked }: { readonly asked: Asked }) {
  return (
    <dl
      tabIndex={0}
      aria-label={texts.headers}
      className="grid max-h-120 grid-cols-[minmax(8rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1 overflow-auto border-t border-line p-4 font-mono text-xs"
    >
      {asked.headers.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-faint">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Delivered({ delivery }: { readonly delivery: string }) {
  const tenant = useTenant() ?? ''
  return (
    <Empty
      title={texts.delivered}
      icon={<Truck size={28} aria-hidden />}
      action={
        <Link
          to="/t/$tenant/deliveries"
          params={{ tenant }}
          search={{ delivery }}
          className="text-accent underline"
        >
          {texts.toDelivery}
        </Link>
      }
    />
  )
}
