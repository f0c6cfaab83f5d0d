import type { ReactNode } from 'react'

import { DataTable } from '~/ui/data-table.tsx'
import { formatValue } from '~/ui/format.ts'

export interface RowColumn {
  readonly name: string
  /** As the engine names it. */
  readonly type: string | null
}

export type Row = Readonly<Record<string, unknown>>

const NUMBER = /INT|^(DOUBLE|FLOAT|DECIMAL|REAL)/

/** Rows of any question: numbers stand right, long texts are cut and whole on hover. */
export function RowsTable({
  label,
  columns,
  rows,
  empty,
  height = 480,
}: {
  readonly label: string
  readonly columns: readonly RowColumn[]
  readonly rows: readonly Row[]
  readonly empty?: ReactNode
  readonly height?: number
}) {
  return (
    <DataTable
      label={label}
      rows={rows}
      rowKey={(_row, at) => at}
      empty={empty}
      height={height}
      rowHeight={32}
      columns={columns.map(({ name, type }) => {
        const isNumber = NUMBER.test(type ?? '')
        return {
          id: name,
          title: <span title={`${name} ${type ?? ''}`}>{name}</span>,
          width: isNumber ? 110 : columns.length < 7 ? ('auto' as const) : 150,
          align: isNumber ? ('right' as const) : ('left' as const),
          sortBy: (row: Row) => sortable(row[name]),
          cell: (row: Row) => {
            const text = formatValue(row[name])
            return <span title={text.length > 18 ? text.slice(0, 2000) : undefined}>{text}</span>
          },
        }
      })}
    />
  )
}

function sortable(value: unknown): string | number | bigint | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'number' || typeof value === 'bigint') return value
  return typeof value === 'string' ? value : JSON.stringify(value)
}
