import { useMemo } from 'react'

import type { ShownColumn } from '~/charts/choose-chart.ts'
import { meaningOf } from '~/charts/choose-chart.ts'
import type { Row } from '~/screens/explore/rows.ts'
import { exploreTexts as texts } from '~/texts/explore.ts'
import { DataTable, type Column, type Sort } from '~/ui/data-table.tsx'
import { formatValue } from '~/ui/format.ts'
import { Empty } from '~/ui/states.tsx'

const WIDTH_MIN = 90
const WIDTH_MAX = 300
/** A text of more letters is not what takes the room that is left. */
const AUTO_MAX = 24
const LETTER = 7.6
const PADDING = 34
/** Longer texts are cut in the table; the row's own view shows them whole. */
const TEXT_MAX = 300

/** Rows as they are, wide enough for what stands in them; the server sorts. */
export function RowTable({
  label,
  columns,
  rows,
  sort,
  onSort,
  onEnd,
  onOpen,
  height = 'min(64vh, 560px)',
}: {
  readonly label: string
  readonly columns: readonly ShownColumn[]
  readonly rows: readonly Row[]
  readonly sort?: Sort | undefined
  readonly onSort?: ((sort: Sort) => void) | undefined
  readonly onEnd?: (() => void) | undefined
  readonly onOpen?: ((row: Row) => void) | undefined
  readonly height?: number | string
}) {
  // The first page says how wide; columns do not move while more come.
  const sample = rows.slice(0, 60)
  const sampleText = JSON.stringify(sample, (_name, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  )
  const shown = useMemo<readonly Column<Row>[]>(
    () => {
      const measured = columns.map((column) => ({
        column,
        isNumber: meaningOf(column, sample) === 'number',
        longest: sample.reduce(
          (most, row) => Math.max(most, formatValue(row[column.name]).length),
          column.name.length,
        ),
      }))
      // What room is left over goes to the longest texts.
      const widest = measured
        .filter(({ column }) => meaningOf(column, sample) === 'text')
        .toSorted((a, b) => b.longest - a.longest)[0]?.column
      return measured.map(({ column, isNumber, longest }) => {
        return {
          id: column.name,
          title: column.name,
          width:
            column === widest && longest <= AUTO_MAX
              ? 'auto'
              : Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, Math.ceil(longest * LETTER) + PADDING)),
          ...(isNumber && { align: 'right' as const }),
          // Whether it can be sorted; the server does it.
          ...(onSort && { sortBy: () => null }),
          cell: (row) => <Value value={row[column.name]} isName={!isNumber} />,
        }
      })
    },
    // What is sampled is compared by what it holds: each answer is a new object.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [columns, sampleText, onSort],
  )
  return (
    <DataTable
      label={label}
      columns={shown}
      rows={rows}
      rowKey={(_row, at) => at}
      sort={sort}
      onSort={onSort}
      onEnd={onEnd}
      onOpen={onOpen}
      height={height}
      rowHeight={32}
      empty={<Empty title={texts.noRows}>{texts.noRowsHint}</Empty>}
    />
  )
}

/** Numbers that name something, as years do, are not grouped. */
function Value({ value, isName }: { readonly value: unknown; readonly isName: boolean }) {
  if (value === null || value === undefined) return <span className="text-faint">–</span>
  const text = isName && typeof value === 'number' ? String(value) : formatValue(value)
  const cut = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
  return (
    <bdi title={cut} className="[unicode-bidi:isolate]">
      {cut}
    </bdi>
  )
}
