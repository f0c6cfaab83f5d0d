import { Link } from '@tanstack/react-router'
import { useEffect, type ReactNode } from 'react'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { useAnsweredAt } from '~/api/shown-calls.ts'
import { common } from '~/texts/common.ts'
import { CopyView, type Copied } from '~/ui/copy-as.tsx'
import { classes } from '~/ui/classes.ts'
import { Time } from '~/ui/time.tsx'

/** The frame of a screen: what it is, how fresh, what may be done, and how to get the same elsewhere. */
export function Page({
  title,
  note,
  above,
  asOf,
  receipt,
  parts,
  actions,
  copy,
  wide = false,
  children,
}: {
  readonly title: ReactNode
  readonly note?: ReactNode
  /** Way back: what this is a part of. */
  readonly above?: ReactNode
  readonly actions?: ReactNode
  /** What this view is about; the other calls that it is made of are found by themselves. */
  readonly copy?: Copied
  /** True: as wide as the window, for pictures. */
  readonly wide?: boolean
  readonly children: ReactNode
} & Provenance) {
  // Counts that nobody has published are as old as the answer that told them.
  const answeredAt = useAnsweredAt(copy?.call.operation)
  useEffect(() => {
    if (typeof title === 'string') document.title = `${title} · ${common.product}`
  }, [title])
  return (
    <div
      className={classes(
        'mx-auto flex w-full min-w-0 flex-col gap-4 p-4 sm:p-6',
        !wide && 'max-w-360',
      )}
    >
      <header className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="mr-auto min-w-0">
          {above !== undefined && <div className="text-xs text-faint">{above}</div>}
          <h1 className="text-xl font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</h1>
          {note !== undefined && <p className="max-w-prose text-sm text-soft">{note}</p>}
          {/* Its line is there before it is known, so that nothing jumps. */}
          <div className={classes(copy !== undefined && 'min-h-4')}>
            <AsOf asOf={asOf ?? answeredAt} receipt={receipt} parts={parts} />
          </div>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {actions}
          {copy !== undefined && <CopyView copy={copy} />}
        </div>
      </header>
      {children}
    </div>
  )
}

export interface Provenance {
  /** When what is shown was published. */
  readonly asOf?: string | null | undefined
  /** Id of the receipt. */
  readonly receipt?: string | null | undefined
  /** How many of the partitions that were asked for are there. */
  readonly parts?: { readonly ready: number; readonly all: number } | null | undefined
}

/** Beside each number: how fresh, how complete, and where it comes from. */
export function AsOf({ asOf, receipt, parts }: Provenance) {
  const tenant = useTenant()
  // The receipt knows what the answer has not said.
  const lacks = tenant !== null && receipt != null && (asOf == null || parts == null)
  const told = useOperation('receipts.show', { receipt: receipt ?? '' }, { enabled: lacks }).data
  const time = asOf ?? told?.asOf
  const known =
    parts ?? (told && { ready: told.completeness.published, all: told.completeness.expected })
  if (time == null && receipt == null && known == null) return null
  const isWhole = known == null || known.ready >= known.all
  return (
    <div
      role="note"
      aria-label={common.provenance}
      className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-xs text-faint"
    >
      {time != null && (
        <span className="whitespace-nowrap">
          {common.asOf} <Time at={time} />
        </span>
      )}
      {known != null && (
        <span className={classes(!isWhole && 'rounded bg-warn-soft px-1.5 font-medium text-warn')}>
          {isWhole ? common.complete : common.parts(known.ready, known.all)}
        </span>
      )}
      {receipt != null && tenant !== null && (
        <Link
          to="/t/$tenant/receipts/$receipt"
          params={{ tenant, receipt }}
          title={common.receipt}
          className="font-mono underline decoration-dotted underline-offset-2 hover:text-ink"
        >
          {receipt.slice(0, 12)}
        </Link>
      )}
    </div>
  )
}
