import type { ReactNode } from 'react'

import { classes } from '~/ui/classes.ts'

interface Segment<Value extends string> {
  readonly value: Value
  readonly label: ReactNode
  /** How many there are. */
  readonly count?: number | undefined
}

/** One of a few views of the same thing. */
export function Segments<Value extends string>({
  label,
  value,
  onChange,
  segments,
}: {
  readonly label: string
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly segments: readonly Segment<Value>[]
}) {
  return (
    <div
      role="group"
      aria-label={label}
      className="inline-flex max-w-full flex-wrap gap-0.5 rounded-md bg-sunken p-0.5"
    >
      {segments.map((segment) => (
        <button
          key={segment.value}
          type="button"
          aria-pressed={segment.value === value}
          onClick={() => onChange(segment.value)}
          className={classes(
            'inline-flex h-7 items-center gap-1.5 rounded px-2.5 text-xs font-medium whitespace-nowrap',
            segment.value === value
              ? 'bg-surface text-ink shadow-card'
              : 'text-soft hover:text-ink',
          )}
        >
          {segment.label}
          {segment.count !== undefined && (
            <span className="num text-faint">{segment.count.toLocaleString('en')}</span>
          )}
        </button>
      ))}
    </div>
  )
}

/** Parts of a screen, of which one is shown; arrow keys go along. */
export function Tabs<Value extends string>({
  label,
  value,
  onChange,
  tabs,
  children,
}: {
  readonly label: string
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly tabs: readonly Segment<Value>[]
  readonly children: ReactNode
}) {
  const step = (by: number) => {
    const at = tabs.findIndex((tab) => tab.value === value)
    const next = tabs[(at + by + tabs.length) % tabs.length]
    if (!next) return
    onChange(next.value)
    document.getElementById(`tab-${next.value}`)?.focus()
  }
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <div
        role="tablist"
        tabIndex={-1}
        aria-label={label}
        className="flex gap-4 overflow-x-auto border-b border-line"
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight') step(1)
          if (event.key === 'ArrowLeft') step(-1)
        }}
      >
        {tabs.map((tab) => (
          <button
            key={tab.value}
            id={`tab-${tab.value}`}
            type="button"
            role="tab"
            aria-selected={tab.value === value}
            aria-controls="tab-panel"
            tabIndex={tab.value === value ? 0 : -1}
            onClick={() => onChange(tab.value)}
            className={classes(
              '-mb-px flex h-9 items-center gap-1.5 border-b-2 px-0.5 text-sm font-medium whitespace-nowrap',
              tab.value === value
                ? 'border-accent text-ink'
                : 'border-transparent text-soft hover:text-ink',
            )}
          >
            {tab.label}
            {tab.count !== undefined && (
              <span className="num rounded-full bg-sunken px-1.5 text-xs text-soft">
                {tab.count.toLocaleString('en')}
              </span>
            )}
          </button>
        ))}
      </div>
      <div
        id="tab-panel"
        role="tabpanel"
        aria-labelledby={`tab-${value}`}
        className="flex min-w-0 flex-col gap-4"
      >
        {children}
      </div>
    </div>
  )
}
