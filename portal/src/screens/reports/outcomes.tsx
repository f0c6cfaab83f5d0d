import type { OutputOf } from '~/api/client.ts'
import { useZone } from '~/api/access.ts'
import { reportsTexts as texts } from '~/texts/reports.ts'
import { formatTime } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'

export type CalendarEntry = OutputOf<'reports.calendar'>['reports'][number]
type Outcome = keyof typeof texts.outcomes

/** In the words of the palette. */
export const lookOfOutcome = (state: Outcome): string =>
  state === 'skipped-empty' ? 'skipped' : state

/** The last runs, the newest at the right: shape and colour by how they came out. */
export function Outcomes({ runs }: { readonly runs: CalendarEntry['runs'] }) {
  const zone = useZone()
  if (runs.length === 0) return <span className="text-xs text-faint">{texts.noOutcome}</span>
  return (
    <span className="flex flex-wrap items-center gap-1">
      {runs.toReversed().map((run) => (
        <StatusMark
          key={run.number}
          state={lookOfOutcome(run.state)}
          size={11}
          title={texts.outcome(texts.outcomes[run.state], formatTime(run.at, zone))}
        />
      ))}
    </span>
  )
}

export function OutcomeLegend() {
  return (
    <ul aria-label={texts.legend} className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-faint">
      {(Object.keys(texts.outcomes) as Outcome[]).map((state) => (
        <li key={state} className="flex items-center gap-1.5">
          <StatusMark state={lookOfOutcome(state)} size={10} />
          {texts.outcomes[state]}
        </li>
      ))}
    </ul>
  )
}
