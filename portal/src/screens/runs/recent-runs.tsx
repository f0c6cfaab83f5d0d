import { msOf } from '~/screens/runs/duration.ts'
import type { RunRow } from '~/screens/runs/run-row.ts'
import { runsTexts as texts } from '~/texts/runs.ts'
import { formatDuration } from '~/ui/format.ts'
import { colourOf, StatusMark } from '~/ui/status.tsx'
import { useNow } from '~/ui/time.tsx'

const SHOWN = 60

/** The newest runs as bars: state by colour and mark, duration by height (as its square root). */
export function RecentRuns({
  runs,
  onOpen,
}: {
  readonly runs: readonly RunRow[]
  readonly onOpen: (run: RunRow) => void
}) {
  const now = useNow()
  const shown = runs.slice(0, SHOWN).toReversed()
  const longest = Math.max(...shown.map((run) => msOf(run, now)), 1)
  return (
    <div className="flex h-24 items-end gap-1 overflow-x-auto">
      {shown.map((run) => {
        const name = texts.bar(run.title, texts.states[run.state], formatDuration(msOf(run, now)))
        return (
          <button
            key={run.id}
            type="button"
            aria-label={name}
            title={name}
            onClick={() => onOpen(run)}
            className="flex h-full w-4 shrink-0 flex-col items-center justify-end gap-1 rounded-sm hover:bg-sunken"
          >
            <span
              className="w-2.5 rounded-xs"
              style={{
                height: `${Math.max(Math.sqrt(msOf(run, now) / longest) * 70, 4)}px`,
                background: colourOf(run.state),
              }}
            />
            <StatusMark state={run.state} size={9} />
          </button>
        )
      })}
    </div>
  )
}
