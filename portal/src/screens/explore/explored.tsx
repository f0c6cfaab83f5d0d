import { ArrowLeft, Columns3, Download, X } from 'lucide-react'
import { useMemo, useState } from 'react'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAddressState, useSetAddress } from '~/browser/address.ts'
import type { Point } from '~/charts/portal-options.ts'
import { rowsBehind } from '~/charts/portal-options.ts'
import { ConditionsField } from '~/rows/conditions-field.tsx'
import {
  chartOf,
  inputOf,
  sortText,
  whereText,
  type Question,
  type RowsInput,
} from '~/rows/question.ts'
import { sqlOf } from '~/screens/explore/as-sql.ts'
import { ChartPanel, chartShown } from '~/screens/explore/chart-panel.tsx'
import { ColumnsDialog } from '~/screens/explore/columns-dialog.tsx'
import { ComparePicker } from '~/screens/explore/compare-picker.tsx'
import { Comparison, useFormer } from '~/screens/explore/comparison.tsx'
import { ExportDialog } from '~/screens/explore/export-dialog.tsx'
import { Parameters } from '~/screens/explore/parameters.tsx'
import { PartitionField } from '~/screens/explore/partition-field.tsx'
import { PointDrawer } from '~/screens/explore/point-drawer.tsx'
import { RowTable } from '~/screens/explore/row-table.tsx'
import { useRows, type Row, type RowPage } from '~/screens/explore/rows.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import type { Sort } from '~/ui/data-table.tsx'
import { formatCount } from '~/ui/format.ts'
import { Page } from '~/ui/page.tsx'
import { Problem, SkeletonRows } from '~/ui/states.tsx'

/** One subject, asked as the address says. */
export function Explored({
  question,
  address,
}: {
  readonly question: Question
  readonly address: Readonly<Record<string, string>>
}) {
  const tenant = useTenant() ?? ''
  const set = useSetAddress()
  const [compare, setCompare] = useAddressState('compare', '')
  const [open, setOpen] = useState<'export' | 'columns' | null>(null)
  const { subject } = question
  const isEndpoint = subject.kind === 'endpoint'
  const about = useOperation('endpoints.show', { endpoint: subject.name }, { enabled: isEndpoint })
  const endpoint = about.data?.endpoint
  const lacks = endpoint?.parameters.some(
    ({ name, default: initial }) => initial === null && !question.parameters[name],
  )
  const isReady = !isEndpoint || lacks === false
  const input = inputOf(question)
  const rows = useRows(isReady ? input : null)
  const page = rows.first.data
  const former = useFormer(question, compare === '' ? null : compare, page)
  const sort: Sort | undefined = question.sort ?? undefined
  const call = isEndpoint
    ? { operation: 'endpoints.rows' as const, input }
    : { operation: 'datasets.rows' as const, input }
  const problem = about.error ?? rows.first.error

  return (
    <Page
      wide
      above={
        <ButtonLink
          size="small"
          look="quiet"
          icon={<ArrowLeft size={14} />}
          to="/t/$tenant/explore"
          params={{ tenant }}
          search={{}}
        >
          {texts.other}
        </ButtonLink>
      }
      title={subject.name}
      note={endpoint?.description}
      asOf={page?.asOf}
      receipt={page?.receipt}
      parts={page && { ready: page.completeness.published, all: page.completeness.expected }}
      copy={{ call, ...(isEndpoint ? {} : { sql: sqlOf(question, page?.columns) }) }}
      actions={
        <>
          <ComparePicker value={compare} onChange={setCompare} />
          <Button
            icon={<Columns3 size={15} />}
            disabled={page === undefined}
            onClick={() => setOpen('columns')}
          >
            {texts.columns}
          </Button>
          <Button
            look="primary"
            icon={<Download size={15} />}
            disabled={page === undefined}
            onClick={() => setOpen('export')}
          >
            {texts.export}
          </Button>
        </>
      }
    >
      {endpoint !== undefined && endpoint.parameters.length > 0 && (
        <Parameters
          key={JSON.stringify(question.parameters)}
          parameters={endpoint.parameters}
          values={question.parameters}
        />
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        {!isEndpoint && <PartitionField key={question.partition} value={question.partition} />}
        <ConditionsField
          where={question.where}
          columns={(page?.columns ?? []).map(({ name }) => name)}
          onChange={(next) => set({ where: whereText(next) }, { push: true })}
        />
        {question.asOf !== null && (
          <Button
            size="small"
            icon={<X size={14} />}
            onClick={() => set({ as_of: undefined }, { push: true })}
          >
            {texts.stateOf(question.asOf)}
          </Button>
        )}
      </div>
      {problem !== null && (page === undefined || rows.first.isError) ? (
        <Problem error={problem} again={() => void rows.first.refetch()} />
      ) : page === undefined ? (
        lacks ? (
          <Card>
            <p className="text-sm text-soft">{texts.giveParameters}</p>
          </Card>
        ) : (
          <Card>
            <SkeletonRows rows={8} />
          </Card>
        )
      ) : (
        <Views
          question={question}
          input={input}
          address={address}
          page={page}
          pages={rows.pages}
          about={endpoint?.columns}
          hasDrill={endpoint?.hasDrill ?? false}
          former={compare === '' ? null : former}
          isMore={rows.isMore}
          isFetchingMore={rows.isFetchingMore}
          onMore={rows.more}
          sort={sort}
          onSort={(next) => set({ sort: sortText(next) })}
        />
      )}
      {rows.problem !== null && <Problem error={rows.problem} again={rows.more} />}
      {open === 'export' && <ExportDialog question={question} onClose={() => setOpen(null)} />}
      {open === 'columns' && (
        <ColumnsDialog
          question={question}
          known={(endpoint?.columns ?? page?.columns ?? []).map(({ name }) => name)}
          onClose={() => setOpen(null)}
        />
      )}
    </Page>
  )
}

/** Further pages are scrolled through, and do not change the picture each time. */
const PAGES_DRAWN = 5

interface Noted {
  readonly name: string
  readonly unit: string | null
  readonly role: string | null
}

/** The picture, the rows, what is different: all of the same answer. */
function Views({
  question,
  input,
  address,
  page,
  pages,
  about,
  hasDrill,
  former,
  isMore,
  isFetchingMore,
  onMore,
  sort,
  onSort,
}: {
  readonly question: Question
  readonly input: RowsInput
  readonly address: Readonly<Record<string, string>>
  readonly page: RowPage
  readonly pages: readonly RowPage[]
  readonly about: readonly Noted[] | undefined
  readonly hasDrill: boolean
  readonly former: ReturnType<typeof useFormer> | null
  readonly isMore: boolean
  readonly isFetchingMore: boolean
  readonly onMore: () => void
  readonly sort: Sort | undefined
  readonly onSort: (sort: Sort) => void
}) {
  const [pointed, setPointed] = useState<{ title: string; rows: readonly Row[] } | null>(null)
  const columns = useMemo(
    () =>
      page.columns.map((column) => {
        const noted = about?.find(({ name }) => name === column.name)
        return { ...column, unit: noted?.unit ?? null, role: noted?.role ?? null }
      }),
    [page.columns, about],
  )
  const count = pages.length
  const rows = useMemo(
    () => pages.flatMap((one) => one.rows),
    // Pages of one receipt only grow.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [page, count],
  )
  const drawnCount = Math.min(count, PAGES_DRAWN)
  const drawn = useMemo(
    () => pages.slice(0, drawnCount).flatMap((one) => one.rows),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [page, drawnCount],
  )
  const chart = useMemo(
    () => chartShown(chartOf(address), columns, drawn),
    [address, columns, drawn],
  )
  const missing = useMemo(
    () => [...new Set(page.completeness.missing.map((text) => text.slice(text.indexOf(' ') + 1)))],
    [page.completeness.missing],
  )
  const { published, expected } = page.completeness
  const showPoint = (point: Point) => {
    if (chart === null) return
    setPointed({ title: point.name, rows: rowsBehind(chart, drawn, point) })
  }
  const shown = formatCount(rows.length)
  const note =
    page.total !== null && isMore
      ? texts.rowsOf(shown, formatCount(page.total))
      : texts.rowsLoaded(shown, isMore)
  return (
    <>
      {published < expected && (
        <p className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-warn-soft px-3 py-2 text-sm text-warn">
          <span className="hatched inline-block size-4 rounded-xs border border-warn" aria-hidden />
          {texts.ready(formatCount(published), formatCount(expected), texts.parts)}
          {missing.length > 0 && <span className="num text-xs">{missing.join(', ')}</span>}
        </p>
      )}
      <div
        className={classes(
          'grid min-w-0 items-start gap-4',
          chart !== null && 'xl:grid-cols-[minmax(0,11fr)_minmax(0,9fr)]',
        )}
      >
        <ChartPanel
          chart={chart}
          columns={columns}
          rows={drawn}
          former={former?.page?.rows}
          missing={missing}
          isMore={isMore || count > drawnCount}
          canDrawMore={isMore && count < PAGES_DRAWN}
          onMore={onMore}
          isFetchingMore={isFetchingMore}
          onPoint={showPoint}
        />
        <Card flush title={texts.table} note={note}>
          <RowTable
            label={texts.table}
            columns={columns}
            rows={rows}
            sort={sort}
            onSort={onSort}
            onEnd={isMore ? onMore : undefined}
            onOpen={(row) => setPointed({ title: question.subject.name, rows: [row] })}
          />
        </Card>
      </div>
      {former !== null && (
        <Comparison former={former} input={input} page={page} columns={columns} />
      )}
      {pointed !== null && (
        <PointDrawer
          title={pointed.title}
          rows={pointed.rows}
          question={question}
          columns={columns}
          receipt={page.receipt}
          hasDrill={hasDrill}
          onClose={() => setPointed(null)}
        />
      )}
    </>
  )
}
