import { useRef, type KeyboardEvent, type ReactNode } from 'react'

import { classes } from '~/ui/classes.ts'

export interface GridRow {
  readonly key: string
  readonly label: ReactNode
  /** For readers of screens, and on hover. */
  readonly name: string
}

export interface GridColumn {
  readonly key: string
  /** Above the column; null: none, so that not every one is labelled. */
  readonly label: string | null
}

export interface GridCell {
  /** What it shows, in words. */
  readonly words: string
  /** CSS colour of the square; null: nothing is known of it. */
  readonly colour: string | null
  /** 0 to 1: how much of the colour. Default 1. */
  readonly strength?: number
  /** A sign within, so that colour does not stand alone. */
  readonly mark?: ReactNode
}

/**
 * Squares by row and column, each a button that leads to what is behind it. One of them is in the order
 * of tabs; arrow keys go to its neighbours.
 */
export function HeatGrid({
  label,
  rows,
  columns,
  cell,
  picked,
  onPick,
  size = 20,
  heading = 'wide',
  stretch = columns.length >= WIDE_FROM,
}: {
  readonly label: string
  readonly rows: readonly GridRow[]
  readonly columns: readonly GridColumn[]
  /** Null: nothing is known; undefined: there is no such place. */
  readonly cell: (row: GridRow, column: GridColumn) => GridCell | null | undefined
  readonly picked?: { readonly row: string; readonly column: string } | null
  readonly onPick: (row: GridRow, column: GridColumn) => void
  /** Pixels of a square. */
  readonly size?: number
  /** How much room the names of rows have. */
  readonly heading?: 'wide' | 'narrow'
  /** True: columns share the width that there is; false: they are squares. Default: where there are many. */
  readonly stretch?: boolean
}) {
  const body = useRef<HTMLTableSectionElement>(null)
  const wide = stretch ? { minWidth: size, height: size } : { width: size, height: size }
  const cells = rows.map((row) => columns.map((column) => cell(row, column)))
  const first = firstOf(cells)
  const chosen = picked
    ? { row: rows.findIndex(({ key }) => key === picked.row), column: columns.findIndex(({ key }) => key === picked.column) } // prettier-ignore
    : null
  const entry = chosen && cells[chosen.row]?.[chosen.column] ? chosen : first
  const go = (event: KeyboardEvent, row: number, column: number) => {
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    for (let at = 1; at < Math.max(rows.length, columns.length); at++) {
      const name = `${row + step[0] * at} ${column + step[1] * at}`
      const next = body.current?.querySelector<HTMLElement>(`[data-place="${name}"]`)
      if (next) return next.focus()
    }
  }
  return (
    <div
      ref={stretch && heading === 'wide' ? toEnd : undefined}
      className="relative overflow-x-auto pb-1"
    >
      <table
        style={stretch ? { minWidth: columns.length * leastWidths[heading] } : {}}
        aria-label={label}
        className={classes(
          'border-separate border-spacing-0.5 text-xs',
          stretch && 'w-full table-fixed',
        )}
      >
        <thead>
          <tr>
            <th
              scope="col"
              className={classes('sticky left-0 z-10 bg-surface p-0', stretch && headings[heading])}
            >
              <span className="sr-only">{label}</span>
            </th>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                style={stretch ? { minWidth: size } : { maxWidth: size, width: size }}
                className="num h-5 p-0 text-left text-2xs font-normal whitespace-nowrap text-faint"
              >
                {column.label === null ? (
                  <span className="sr-only">{column.key}</span>
                ) : (
                  <span className="inline-block overflow-visible">{column.label}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, at) => (
            <tr key={row.key}>
              <th
                scope="row"
                title={row.name}
                className={classes(
                  'sticky left-0 z-10 truncate bg-surface pr-2 text-left font-normal text-soft',
                  heading === 'wide' && 'w-40 max-w-40 min-w-40 sm:w-64 sm:max-w-64 sm:min-w-64',
                )}
              >
                {row.label}
              </th>
              {columns.map((column, place) => {
                const drawn = cells[at]?.[place]
                const isPicked = picked?.row === row.key && picked.column === column.key
                return (
                  <td key={column.key} className="p-0" style={wide}>
                    {drawn === undefined ? null : drawn === null ? (
                      <span
                        className="block w-full rounded-xs bg-sunken"
                        style={{ height: size }}
                      />
                    ) : (
                      <button
                        type="button"
                        data-place={`${at} ${place}`}
                        aria-label={drawn.words}
                        aria-pressed={isPicked}
                        title={drawn.words}
                        tabIndex={entry?.row === at && entry.column === place ? 0 : -1}
                        onClick={() => onPick(row, column)}
                        onKeyDown={(event) => go(event, at, place)}
                        style={{ height: size, background: groundOf(drawn) }}
                        className={classes(
                          'flex w-full items-center justify-center rounded-xs text-2xs leading-none text-ink hover:ring-2 hover:ring-ink/40',
                          isPicked && 'ring-2 ring-ink',
                        )}
                      >
                        {drawn.mark}
                      </button>
                    )}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const WIDE_FROM = 20

/** Pixels that a column needs to be hit by a finger, its part of the names among them. */
const leastWidths = { wide: 19, narrow: 10 }

/** The newest stand at the end: they are seen first where not all have room. */
function toEnd(box: HTMLDivElement | null): void {
  if (box) box.scrollLeft = box.scrollWidth
}

const headings = { wide: 'w-40 sm:w-64', narrow: 'w-16' }

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
}

function firstOf(cells: readonly (readonly (GridCell | null | undefined)[])[]) {
  for (const [row, line] of cells.entries()) {
    const column = line.findIndex((one) => one != null)
    if (column >= 0) return { row, column }
  }
  return null
}

function groundOf({ colour, strength = 1 }: GridCell): string {
  if (colour === null) return 'var(--sunken)'
  return `color-mix(in oklab, ${colour} ${Math.round(20 + 80 * strength)}%, var(--surface))`
}
