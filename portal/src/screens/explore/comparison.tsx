import { GitCompareArrows } from 'lucide-react'
import { useMemo } from 'react'

import { useMay, useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import type { ShownColumn } from '~/charts/choose-chart.ts'
import { Causes } from '~/receipts/causes.tsx'
import { inputOf, type Compare, type Question, type RowsInput } from '~/rows/question.ts'
import { differencesOf, type Difference } from '~/screens/explore/difference.ts'
import { useAllRows, useRows, type RowPage } from '~/screens/explore/rows.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { DataTable, type Column } from '~/ui/data-table.tsx'
import { formatCount, formatValue } from '~/ui/format.ts'
import { AsOf } from '~/ui/page.tsx'
import { Empty, Problem, SkeletonRows } from '~/ui/states.tsx'

const VERSIONS_LOOKED_AT = 1000

/** The same question over the state that it is compared with; undefined while nobody knows. */
export function useFormer(question: Question | null, compare: Compare, page: RowPage | undefined) {
  const isBefore = compare === 'before'
  const versions = useOperation(
    'receipts.versions',
    { receipt: page?.receipt ?? '', limit: VERSIONS_LOOKED_AT },
    { enabled: isBefore && page !== undefined },
  )
  const newest = versions.data?.versions.reduce(
    (most, { commit }) => Math.max(most, commit ?? 0),
    0,
  )
  const asOf = isBefore ? (newest === undefined ? null : String(newest - 1)) : compare
  const isFirst = isBefore && newest !== undefined && newest <= 1
  const isAsked = question !== null && compare !== null && asOf !== null && !isFirst
  const input = isAsked ? inputOf({ ...question, asOf }) : null
  const former = useRows(input)
  return {
    isFirst,
    input,
    page: isAsked ? former.first.data : undefined,
    problem: versions.error ?? former.first.error,
    again: () => void former.first.refetch(),
  }
}

type Former = ReturnType<typeof useFormer>

/** What is different, row by row, and why. */
export function Comparison({
  former,
  input,
  page,
  columns,
}: {
  readonly former: Former
  readonly input: RowsInput
  readonly page: RowPage
  readonly columns: readonly ShownColumn[]
}) {
  const tenant = useTenant() ?? ''
  const may = useMay()
  const before = useAllRows(former.input, former.page)
  const now = useAllRows(input, page)
  const differences = useMemo(
    () => before.all && now.all && differencesOf(columns, before.all.rows, now.all.rows),
    [columns, before.all, now.all],
  )
  const failed = [former, before, now].find(({ problem }) => problem !== null)
  if (former.isFirst) {
    return (
      <Card title={texts.difference}>
        <Empty title={texts.noFormer}>{texts.noFormerHint}</Empty>
      </Card>
    )
  }
  if (former.page === undefined || differences === null) {
    return (
      <Card title={texts.difference}>
        {failed === undefined ? (
          <SkeletonRows rows={3} />
        ) : (
          <Problem error={failed.problem} again={failed.again} />
        )}
      </Card>
    )
  }
  const { list, changed, added, removed } = differences
  const isSame = former.page.receipt === page.receipt
  const isPart = before.all?.isWhole === false || now.all?.isWhole === false
  const { published, expected } = former.page.completeness
  return (
    <div className="grid min-w-0 gap-4 xl:grid-cols-2">
      <Card
        flush
        title={texts.difference}
        note={
          isSame
            ? texts.sameReceipt
            : texts.differenceOf(formatCount(changed), formatCount(added), formatCount(removed))
        }
      >
        <div className="px-4 pb-2">
          <AsOf
            asOf={former.page.asOf}
            receipt={former.page.receipt}
            parts={{ ready: published, all: expected }}
          />
          {isPart && <p className="text-xs text-faint">{texts.differencePart}</p>}
        </div>
        <DataTable
          label={texts.difference}
          columns={differenceColumns}
          rows={list}
          rowKey={(_row, at) => at}
          rowHeight={32}
          height={320}
          empty={<Empty title={texts.sameRows} />}
        />
      </Card>
      {!isSame && may('receipts.compare') && (
        <Card
          title={texts.whyChanged}
          actions={
            <ButtonLink
              size="small"
              look="quiet"
              icon={<GitCompareArrows size={14} />}
              to="/t/$tenant/receipts/$receipt"
              params={{ tenant, receipt: page.receipt }}
              search={{ with: former.page.receipt }}
            >
              {texts.toComparison}
            </ButtonLink>
          }
        >
          <Causes before={former.page.receipt} after={page.receipt} />
        </Card>
      )}
    </div>
  )
}

const differenceColumns: readonly Column<Difference>[] = [
  {
    id: 'name',
    title: texts.showRow,
    width: 'auto',
    sortBy: ({ name }) => name,
    cell: ({ name }) => <bdi title={name}>{name}</bdi>,
  },
  { id: 'column', title: texts.column, width: 95, cell: ({ column }) => column },
  {
    id: 'before',
    title: texts.was,
    width: 90,
    align: 'right',
    cell: ({ before }) => formatValue(before),
  },
  {
    id: 'after',
    title: texts.is,
    width: 90,
    align: 'right',
    cell: ({ after }) => formatValue(after),
  },
  {
    id: 'by',
    title: texts.change,
    width: 105,
    align: 'right',
    sortBy: ({ by }) => (by === null ? null : Math.abs(by)),
    cell: (row) => <By row={row} />,
  },
]

function By({ row: { by, change } }: { readonly row: Difference }) {
  if (by === null) return <span className="text-soft">{texts[change]}</span>
  const sign = by > 0 ? '▲' : '▼'
  return (
    <span className={classes(by > 0 ? 'text-good' : 'text-bad')}>
      {sign} {formatValue(Math.abs(by))}
    </span>
  )
}
