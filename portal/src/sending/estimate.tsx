import type { OutputOf } from '~/api/client.ts'
import { sendingTexts as texts } from '~/texts/sending.ts'
import { Stat } from '~/ui/card.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Skeleton } from '~/ui/states.tsx'

/** How many, how large and how long, and what of it is not there yet. */
export function Estimated({ told }: { readonly told: OutputOf<'rows.estimate'> }) {
  const size = formatBytes(told.sizeBytes)
  const { published, expected } = told.completeness
  return (
    <>
      <div className="grid grid-cols-2 gap-3 rounded-md bg-sunken p-3 sm:grid-cols-3">
        <Stat label={texts.rowsLabel} value={formatCount(told.rows)} />
        <Stat label={texts.sizeLabel} value={told.isExact ? size : texts.about(size)} />
        <Stat
          label={texts.timeLabel}
          value={texts.about(formatDuration(told.seconds * 1000))}
          note={told.measuredOn > 0 ? texts.measured(told.measuredOn) : texts.guessed}
        />
      </div>
      {published < expected && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-warn">
          {texts.incomplete(formatCount(published), formatCount(expected))}
        </p>
      )}
    </>
  )
}

export function Estimating() {
  return (
    <div
      role="status"
      aria-label={texts.estimating}
      className="grid grid-cols-2 gap-3 p-3 sm:grid-cols-3"
    >
      <Skeleton className="h-10 w-full" />
      <Skeleton className="h-10 w-full" />
      <Skeleton className="h-10 w-full" />
    </div>
  )
}
