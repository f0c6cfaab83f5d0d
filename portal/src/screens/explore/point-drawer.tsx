import { Filter, MoveRight } from 'lucide-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import type { MillraceError } from '#sdk/error.ts'
import { useTenant } from '~/api/access.ts'
import { callOperation, type InputOf } from '~/api/client.ts'
import { useSetAddress } from '~/browser/address.ts'
import { meaningOf, type ShownColumn } from '~/charts/choose-chart.ts'
import { whereText, type Question } from '~/rows/question.ts'
import { plainText } from '~/screens/explore/plain-text.ts'
import { RowTable } from '~/screens/explore/row-table.tsx'
import { pageOf, type Row, type RowPage } from '~/screens/explore/rows.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Drawer } from '~/ui/dialog.tsx'
import { formatValue } from '~/ui/format.ts'
import { AsOf } from '~/ui/page.tsx'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'

interface Shown {
  readonly question: Question
  readonly columns: readonly ShownColumn[]
  readonly receipt: string
  /** The endpoint can lead to the rows behind a row. */
  readonly hasDrill: boolean
}

/** The rows behind a place of a picture; one of them whole, and what it was computed from. */
export function PointDrawer({
  title,
  rows,
  onClose,
  ...shown
}: Shown & {
  readonly title: string
  readonly rows: readonly Row[]
  readonly onClose: () => void
}) {
  const [chosen, setChosen] = useState<Row | null>(null)
  const [only] = rows
  const row = chosen ?? (rows.length === 1 ? (only ?? null) : null)
  return (
    <Drawer
      open
      onClose={onClose}
      size="wide"
      title={title}
      note={rows.length > 1 ? texts.point : texts.showRow}
    >
      {rows.length === 0 ? (
        <Empty title={texts.pointNone} />
      ) : row === null ? (
        <RowTable
          label={texts.point}
          columns={shown.columns}
          rows={rows}
          onOpen={setChosen}
          height="70dvh"
        />
      ) : (
        <RowView {...shown} row={row} onBack={rows.length > 1 ? () => setChosen(null) : null} />
      )}
    </Drawer>
  )
}

function RowView({
  question,
  columns,
  receipt,
  hasDrill,
  row,
  onBack,
}: Shown & { readonly row: Row; readonly onBack: (() => void) | null }) {
  const tenant = useTenant() ?? ''
  const set = useSetAddress()
  const names = columns.filter(
    (column) => meaningOf(column, [row]) !== 'number' && row[column.name] != null,
  )
  const narrow = () =>
    set(
      {
        where: whereText([
          ...question.where,
          ...names.map(({ name }) => ({
            column: name,
            op: 'eq' as const,
            value: plainText(row[name]),
          })),
        ]),
      },
      { push: true },
    )
  return (
    <div className="flex flex-col gap-4">
      {onBack !== null && (
        <div>
          <Button size="small" look="quiet" onClick={onBack}>
            {texts.back}
          </Button>
        </div>
      )}
      <dl className="grid grid-cols-[minmax(6rem,auto)_1fr] gap-x-4 gap-y-1.5 text-sm">
        {columns.map(({ name }) => (
          <div key={name} className="contents">
            <dt className="text-faint [overflow-wrap:anywhere]">{name}</dt>
            <dd className="num [overflow-wrap:anywhere]">
              <bdi>{formatValue(row[name])}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <div className="flex flex-wrap gap-2">
        {names.length > 0 && (
          <Button size="small" icon={<Filter size={14} />} onClick={narrow}>
            {texts.filterTo}
          </Button>
        )}
        <ButtonLink
          size="small"
          icon={<MoveRight size={14} />}
          to="/t/$tenant/receipts/$receipt"
          params={{ tenant, receipt }}
        >
          {texts.toReceipt}
        </ButtonLink>
      </div>
      {hasDrill && <Drill question={question} row={row} />}
    </div>
  )
}

/** What one row of an endpoint was computed from. */
function Drill({ question, row }: { readonly question: Question; readonly row: Row }) {
  const tenant = useTenant()
  const values = Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) =>
      value === null || typeof value === 'object' ? [] : [[name, plainText(value)]],
    ),
  )
  const input = {
    endpoint: question.subject.name,
    row: values,
    parameters: question.parameters,
    ...(question.asOf !== null && { asOf: question.asOf }),
    limit: 1000,
  } as InputOf<'endpoints.drill'>
  const drill = useQuery<RowPage, MillraceError>({
    queryKey: ['call', tenant, 'endpoints.drill', input],
    queryFn: async ({ signal }) =>
      pageOf(await callOperation(tenant, 'endpoints.drill', input, { signal })),
  })
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">{texts.drill}</h3>
      <Answer of={drill} waiting={<SkeletonRows rows={3} />}>
        {({ columns, rows, asOf, receipt, completeness }) => (
          <>
            <AsOf
              asOf={asOf}
              receipt={receipt}
              parts={{ ready: completeness.published, all: completeness.expected }}
            />
            <div className="overflow-hidden rounded-md border border-line">
              <RowTable label={texts.drill} columns={columns} rows={rows} height={360} />
            </div>
          </>
        )}
      </Answer>
    </section>
  )
}
