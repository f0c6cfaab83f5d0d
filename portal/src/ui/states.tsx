import { useSyncExternalStore, type ReactNode } from 'react'

import { MillraceError } from '#sdk/error.ts'
import { common } from '~/texts/common.ts'
import { Button } from '~/ui/button.tsx'
import { classes } from '~/ui/classes.ts'

/** Where something will stand; `className` gives its size. Said once by the part that waits. */
export function Skeleton({ className = 'h-4 w-full' }: { readonly className?: string }) {
  return (
    <span aria-hidden className={classes('block animate-pulse rounded bg-sunken', className)} />
  )
}

/** Lines of a table or list that are on their way. */
export function SkeletonRows({ rows = 6 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label={common.loading} className="flex flex-col gap-3 p-4">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} className={row % 3 === 2 ? 'h-4 w-2/3' : 'h-4 w-full'} />
      ))}
    </div>
  )
}

/** Nothing is there: why, and what to do next. */
export function Empty({
  title,
  children,
  icon,
  action,
}: {
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly icon?: ReactNode
  readonly action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      {icon !== undefined && <div className="text-faint">{icon}</div>}
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="max-w-prose text-sm text-soft">{children}</div>}
      {action}
    </div>
  )
}

/** What went wrong, with the way out; `again` asks once more. */
export function Problem({
  error,
  again,
}: {
  readonly error: unknown
  readonly again?: (() => void) | undefined
}) {
  const online = useOnline()
  const { text, remedy, code } = wordsOf(error, online)
  return (
    <div role="alert" className="m-2 rounded-md border border-bad bg-bad-soft p-4 text-sm">
      <p className="font-medium text-bad [overflow-wrap:anywhere]">{text}</p>
      {remedy !== '' && <p className="mt-1 text-ink [overflow-wrap:anywhere]">{remedy}</p>}
      <div className="mt-2 flex flex-wrap items-center gap-3">
        {again && (
          <Button size="small" onClick={again}>
            {common.tryAgain}
          </Button>
        )}
        {code !== '' && <code className="font-mono text-xs text-soft">{code}</code>}
      </div>
    </div>
  )
}

export function wordsOf(error: unknown, online = true) {
  if (error instanceof MillraceError) {
    if (error.status === 0) {
      return {
        text: online ? common.unreachable : common.offline,
        remedy: online ? common.unreachableRemedy : common.offlineRemedy,
        code: '',
      }
    }
    const id = error.requestId === '' ? '' : ` · ${error.requestId}`
    return { text: sentence(error.message), remedy: error.remedy, code: `${error.code}${id}` }
  }
  const text = error instanceof Error ? error.message : String(error)
  return { text: sentence(text), remedy: common.bugRemedy, code: '' }
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function useOnline(): boolean {
  return useSyncExternalStore(
    (changed) => {
      addEventListener('online', changed)
      addEventListener('offline', changed)
      return () => {
        removeEventListener('online', changed)
        removeEventListener('offline', changed)
      }
    },
    () => navigator.onLine,
  )
}

/** The three states of an answer: on its way, a problem, there. */
export function Answer<Data>({
  of: { data, error, refetch },
  waiting = <SkeletonRows />,
  children,
}: {
  readonly of: {
    readonly data: Data | undefined
    readonly error: unknown
    refetch(): unknown
  }
  readonly waiting?: ReactNode
  readonly children: (data: Data) => ReactNode
}) {
  // What was there stays readable when asking again goes wrong.
  if (data !== undefined) return children(data)
  if (error != null) return <Problem error={error} again={() => void refetch()} />
  return waiting
}
