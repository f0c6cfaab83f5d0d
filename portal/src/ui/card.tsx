import type { ReactNode } from 'react'

import { classes } from '~/ui/classes.ts'

/** A part of a screen with its own heading. */
export function Card({
  title,
  note,
  actions,
  flush = false,
  children,
}: {
  readonly title?: ReactNode
  /** Under the heading: what is to be seen here. */
  readonly note?: ReactNode
  readonly actions?: ReactNode
  /** True: what is inside reaches the edges, as tables do. */
  readonly flush?: boolean
  readonly children?: ReactNode
}) {
  return (
    <section className="flex min-w-0 flex-col rounded-lg border border-line bg-surface shadow-card">
      {(title !== undefined || actions !== undefined) && (
        <header className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2">
          <div className="mr-auto min-w-0">
            {title !== undefined && <h2 className="text-sm font-semibold text-ink">{title}</h2>}
            {note !== undefined && <p className="text-xs text-faint">{note}</p>}
          </div>
          {actions}
        </header>
      )}
      <div
        className={classes(
          'min-w-0 grow',
          !flush && 'p-4',
          !flush && title !== undefined && 'pt-1',
        )}
      >
        {children}
      </div>
    </section>
  )
}

/** One number with its name, and what belongs to it: a sparkline, a change, a receipt. */
export function Stat({
  label,
  value,
  note,
  children,
}: {
  readonly label: ReactNode
  readonly value: ReactNode
  readonly note?: ReactNode
  readonly children?: ReactNode
}) {
  return (
    <div className="min-w-0">
      <div className="truncate text-xs text-faint">{label}</div>
      <div className="num truncate text-xl font-semibold tracking-tight">{value}</div>
      {note !== undefined && <div className="text-xs text-faint">{note}</div>}
      {children}
    </div>
  )
}
