import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react'

import { common } from '~/texts/common.ts'
import { classes } from '~/ui/classes.ts'
import { Empty } from '~/ui/states.tsx'

export interface Column<Row> {
  /** Unique in the table. */
  readonly id: string
  readonly title: ReactNode
  readonly cell: (row: Row) => ReactNode
  /** `auto`: as wide as what is left; a number: pixels. Default 140. */
  readonly width?: number | 'auto'
  readonly align?: 'left' | 'right'
  /** By what its rows are sorted where the table has all of them. */
  readonly sortBy?: (row: Row) => string | number | bigint | null
}

interface DataTableProps<Row> {
  readonly label: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly rowKey: (row: Row, at: number) => string | number
  /** A row is a link to what is behind it: called on click and on Enter. */
  readonly onOpen?: ((row: Row) => void) | undefined
  readonly selected?: ((row: Row) => boolean) | undefined
  /** Where sorting is the server's: which column, and what to do on a click. */
  readonly sort?: Sort | undefined
  readonly onSort?: ((sort: Sort) => void) | undefined
  /** Called when the end comes near, while there is more. */
  readonly onEnd?: (() => void) | undefined
  readonly empty?: ReactNode
  /** Pixels; the table scrolls within. Default 480, less where there are few rows. */
  readonly height?: number | string
  /** Pixels of a row. Default 36. */
  readonly rowHeight?: number
}

export interface Sort {
  readonly column: string
  readonly descending: boolean
}

/** A table of any length: only what is seen is drawn. Columns scroll sideways on narrow screens. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, onOpen, selected, onEnd, label, rowHeight = 36 } = props
  const { sorted, sort, onSort } = useSorted(props)
  const box = useRef<HTMLDivElement>(null)
  // It measures while it draws, and says so itself.
  // eslint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  })
  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (onEnd && rows.length > 0 && last >= rows.length - 20) onEnd()
  }, [onEnd, last, rows.length])

  if (rows.length === 0) return props.empty ?? <Empty title={common.nothingFits} />
  const template = columns
    .map(({ width = 140 }) => (width === 'auto' ? 'minmax(160px, 1fr)' : `${width}px`))
    .join(' ')
  const least = columns.reduce((sum, { width = 140 }) => sum + (width === 'auto' ? 160 : width), 0)
  return (
    <div
      ref={box}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      // What scrolls can be reached without a pointer.
      tabIndex={0}
      style={{ maxHeight: props.height ?? 480 }}
      className="num relative min-w-0 overflow-auto text-sm"
    >
      <div role="rowgroup" className="sticky top-0 z-10" style={{ minWidth: least }}>
        <div
          role="row"
          aria-rowindex={1}
          className="grid border-y border-line bg-sunken text-xs font-medium text-soft"
          style={{ gridTemplateColumns: template }}
        >
          {columns.map((column) => (
            <Heading key={column.id} {...{ column, sort, onSort }} />
          ))}
        </div>
      </div>
      <div
        role="rowgroup"
        className="relative"
        style={{ height: virtual.getTotalSize(), minWidth: least }}
      >
        {items.map(({ index, start }) => {
          const row = sorted[index] as Row
          return (
            <div
              key={rowKey(row, index)}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={selected ? selected(row) : undefined}
              tabIndex={onOpen ? 0 : undefined}
              onClick={onOpen && (() => onOpen(row))}
              onKeyDown={
                onOpen &&
                ((event) => {
                  if (event.key === 'Enter' && event.target === event.currentTarget) onOpen(row)
                })
              }
              style={{
                gridTemplateColumns: template,
                height: rowHeight,
                // Not a transform: fifty of them cost more of each frame than placing new rows does.
                top: start,
              }}
              className={classes(
                'absolute inset-x-0 grid items-center border-b border-line/70 -outline-offset-2 contain-layout contain-style',
                onOpen && 'cursor-pointer hover:bg-sunken',
                selected?.(row) && 'bg-accent-soft',
              )}
            >
              {columns.map((column) => (
                <div
                  key={column.id}
                  role="cell"
                  className={classes(
                    'min-w-0 truncate px-3',
                    column.align === 'right' && 'text-right',
                  )}
                >
                  {column.cell(row)}
                </div>
              ))}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Heading<Row>({
  column,
  sort,
  onSort,
}: {
  readonly column: Column<Row>
  readonly sort: Sort | undefined
  readonly onSort: ((column: Column<Row>) => void) | undefined
}) {
  const isSorted = sort?.column === column.id
  const place = classes(
    'flex h-8 min-w-0 items-center gap-1 px-3',
    column.align === 'right' && 'justify-end',
  )
  if (!onSort || !column.sortBy) {
    return (
      <div role="columnheader" className={place}>
        <span className="truncate">{column.title}</span>
      </div>
    )
  }
  const Arrow = sort?.descending ? ArrowDown : ArrowUp
  return (
    <div
      role="columnheader"
      aria-sort={isSorted ? (sort.descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        onClick={() => onSort(column)}
        className={classes(place, 'w-full hover:text-ink')}
      >
        <span className="truncate">{column.title}</span>
        {isSorted && <Arrow size={12} aria-hidden />}
      </button>
    </div>
  )
}

/** Rows in the order that was asked for: here where all of them are, else by whoever gives them. */
function useSorted<Row>({ rows, columns, sort: given, onSort: told }: DataTableProps<Row>) {
  const [own, setOwn] = useState<Sort>()
  const sort = given ?? own
  const sorted = useMemo(() => {
    const by = columns.find(({ id }) => id === own?.column)?.sortBy
    if (!by || !own) return rows
    const sign = own.descending ? -1 : 1
    return rows.toSorted((a, b) => sign * compare(by(a), by(b)))
  }, [rows, columns, own])
  const onSort = (column: Column<Row>) => {
    const next = {
      column: column.id,
      descending: sort?.column === column.id ? !sort.descending : column.align === 'right',
    }
    if (told) told(next)
    else setOwn(next)
  }
  return { sorted, sort, onSort }
}

type Sortable = string | number | bigint | null

function compare(a: Sortable, b: Sortable): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  if (typeof a === 'string' && typeof b === 'string') {
    return a.localeCompare(b, 'en', { numeric: true })
  }
  return a < b ? -1 : a > b ? 1 : 0
}
