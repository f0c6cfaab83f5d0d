import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'

import { MillraceError } from '#sdk/error.ts'
import type { Chart as ChartWish } from '#charts/chart-options.ts'
import { Chart } from '~/charts/chart.tsx'
import { tellHeight } from '~/screens/embed/tell-height.ts'
import { viewQuery, type View } from '~/screens/embed/view-query.ts'
import { embedTexts as texts } from '~/texts/embed.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount, formatTime, formatValue } from '~/ui/format.ts'
import { Empty, Problem, Skeleton } from '~/ui/states.tsx'

/** One chart or table in the page of another product: all that its link opens. */
export function Screen() {
  const embed = useParams({
    strict: false,
    select: (params) => (params as { embed?: string }).embed,
  })
  const token = location.hash.slice(1)
  const view = useQuery(viewQuery(embed ?? '', token))
  const box = useRef<HTMLElement>(null)
  const origins = view.data?.origins
  useEffect(() => {
    if (box.current && origins) return tellHeight(box.current, origins)
    return undefined
  }, [origins])

  return (
    <main ref={box} className="flex min-w-0 flex-col gap-2 bg-surface p-3">
      {token === '' ? (
        <Empty title={texts.noToken}>{texts.noTokenHint}</Empty>
      ) : view.error !== null ? (
        <Refused error={view.error} />
      ) : view.data === undefined ? (
        <div role="status" aria-label={texts.waiting}>
          <Skeleton className="h-72 w-full" />
        </div>
      ) : (
        <Shown view={view.data} />
      )}
    </main>
  )
}

function Refused({ error }: { readonly error: unknown }) {
  const code = error instanceof MillraceError ? error.code : ''
  if (code === 'embed-ended') return <Empty title={texts.ended}>{texts.endedHint}</Empty>
  if (code === 'embed-unknown') return <Empty title={texts.unknown}>{texts.unknownHint}</Empty>
  return <Problem error={error} />
}

function Shown({ view }: { readonly view: View }) {
  const chart = view.chart as ChartWish | null
  const isPicture = chart !== null && chart.kind !== 'table' && chart.kind !== 'figure'
  const [asTable, setTable] = useState(false)
  const { expected, published } = view.completeness
  const rows = formatCount(view.rows.length)
  const drawing = useMemo(
    () => (chart === null ? null : { chart, rows: view.rows, formerName: '', missingName: '' }),
    [chart, view.rows],
  )
  return (
    <>
      <header className="flex items-start gap-2">
        <h1 className="mr-auto text-base font-semibold [overflow-wrap:anywhere]">
          <bdi>{view.title}</bdi>
        </h1>
        {isPicture && view.rows.length > 0 && (
          // The kit's own button asks who is there, and here nobody is.
          <button
            type="button"
            onClick={() => setTable(!asTable)}
            className="h-7 shrink-0 rounded-md px-2 text-xs font-medium text-soft hover:bg-sunken hover:text-ink"
          >
            {asTable ? texts.asChart : texts.asTable}
          </button>
        )}
      </header>
      {view.rows.length === 0 ? (
        <Empty title={texts.empty} />
      ) : chart?.kind === 'figure' ? (
        <Figure view={view} chart={chart} />
      ) : isPicture && drawing !== null && !asTable ? (
        <Chart drawing={drawing} label={texts.picture(view.title, rows)} height={300} />
      ) : (
        <Table view={view} />
      )}
      <footer className="flex flex-wrap gap-x-3 text-xs text-faint">
        <time dateTime={view.asOf}>{texts.asOf(formatTime(view.asOf, view.timeZone))}</time>
        {published < expected && (
          <span className="rounded bg-warn-soft px-1.5 font-medium text-warn">
            {texts.parts(published, expected)}
          </span>
        )}
        {view.isCut && <span>{texts.cut(rows)}</span>}
      </footer>
    </>
  )
}

/** One number, large. */
function Figure({ view, chart }: { readonly view: View; readonly chart: ChartWish }) {
  const [column = ''] = chart.y
  return (
    <p className="num py-6 text-4xl font-semibold tracking-tight [overflow-wrap:anywhere]">
      {formatValue(view.rows[0]?.[column])}
      {chart.unit !== undefined && <span className="ml-2 text-lg text-soft">{chart.unit}</span>}
    </p>
  )
}

type Row = View['rows'][number]

const isNumber = (type: string) =>
  /INT|^(DOUBLE|FLOAT|DECIMAL|REAL)/.test(type) && !type.endsWith('[]')

function Table({ view }: { readonly view: View }) {
  const columns = useMemo(
    () =>
      view.columns.map(({ name, type, unit, description }): Column<Row> => ({
        id: name,
        title: (
          <span title={description ?? name}>
            {name}
            {unit !== null && <span className="ml-1 font-normal text-faint">{unit}</span>}
          </span>
        ),
        width: view.columns.length < 4 ? 'auto' : 160,
        align: isNumber(type) ? 'right' : 'left',
        sortBy: (row) => {
          const value = row[name]
          const isPlain = ['string', 'number', 'bigint'].includes(typeof value)
          return isPlain ? (value as string | number | bigint) : formatValue(value)
        },
        cell: (row) => <bdi title={formatValue(row[name])}>{formatValue(row[name])}</bdi>,
      })),
    [view.columns],
  )
  return (
    <DataTable
      label={view.title}
      columns={columns}
      rows={view.rows}
      rowKey={(_row, at) => at}
      height={420}
    />
  )
}
