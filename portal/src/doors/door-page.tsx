import { useEffect, type ReactNode } from 'react'

import { common } from '~/texts/common.ts'

/** A page for whoever is not in yet: one card in the middle, nothing around it. */
export function DoorPage({
  title,
  note,
  foot,
  children,
}: {
  readonly title: string
  readonly note?: ReactNode
  /** Under the card: other ways. */
  readonly foot?: ReactNode
  readonly children?: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · ${common.product}`
  }, [title])
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-5 p-4 sm:pb-24">
      <div className="flex items-center gap-2.5 text-base font-semibold tracking-tight">
        <Mark />
        {common.product}
      </div>
      <div className="w-full max-w-100 rounded-xl border border-line bg-surface p-6 shadow-card sm:p-8">
        <h1 className="text-lg font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</h1>
        {note !== undefined && (
          <div className="mt-1.5 text-sm text-soft [overflow-wrap:anywhere]">{note}</div>
        )}
        {children !== undefined && <div className="mt-5 flex flex-col gap-4">{children}</div>}
      </div>
      {foot !== undefined && <div className="text-center text-sm text-soft">{foot}</div>}
    </main>
  )
}

/** Three waves of a millrace. */
function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden className="size-8 text-accent">
      <rect width="32" height="32" rx="7" fill="currentColor" />
      <path
        d="M5 11c4-3 7 3 11 0s7 3 11 0M5 17c4-3 7 3 11 0s7 3 11 0M5 23c4-3 7 3 11 0s7 3 11 0"
        fill="none"
        stroke="var(--accent-ink)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  )
}
