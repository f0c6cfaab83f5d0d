import type { ReactNode } from 'react'

import { classes } from '~/ui/classes.ts'
import { formatCount } from '~/ui/format.ts'

export interface Ranked {
  readonly key: string
  readonly label: ReactNode
  /** For readers of screens. */
  readonly name: string
  readonly value: number
  readonly note?: string | undefined
}

/** The largest first, each a bar that can be picked. */
export function RankedBars({
  label,
  items,
  picked = null,
  onPick,
  colour = 'var(--warn)',
}: {
  readonly label: string
  readonly items: readonly Ranked[]
  readonly picked?: string | null
  readonly onPick: (key: string) => void
  readonly colour?: string
}) {
  const most = Math.max(...items.map(({ value }) => value), 1)
  return (
    <ul aria-label={label} className="flex flex-col gap-1">
      {items.map((item) => (
        <li key={item.key}>
          <button
            type="button"
            aria-pressed={picked === item.key}
            onClick={() => onPick(item.key)}
            className={classes(
              'w-full rounded-md px-2 py-1 text-left text-sm hover:bg-sunken',
              picked === item.key && 'bg-accent-soft',
            )}
          >
            <span className="flex items-baseline gap-2">
              <span className="min-w-0 grow truncate" title={item.name}>
                {item.label}
              </span>
              {item.note !== undefined && (
                <span className="num shrink-0 text-xs text-faint">{item.note}</span>
              )}
              <span className="num shrink-0 font-medium">{formatCount(item.value)}</span>
            </span>
            <span aria-hidden className="mt-1 block h-1.5 rounded-full bg-sunken">
              <span
                className="block h-full min-w-1 rounded-full"
                style={{ width: `${(item.value / most) * 100}%`, background: colour }}
              />
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
