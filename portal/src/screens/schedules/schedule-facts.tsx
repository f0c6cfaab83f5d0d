import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import { useOperation } from '~/api/operation.ts'
import { Facts, Heading } from '~/screens/schedules/facts.tsx'
import { NextTimes } from '~/screens/schedules/next-times.tsx'
import { outcomeOf } from '~/screens/schedules/dots.ts'
import { firingLooks, type Trigger } from '~/screens/schedules/trigger-lines.tsx'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { formatDuration } from '~/ui/format.ts'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** A schedule: its rule, its next five times, what became of the last ones. */
export function ScheduleFacts({ trigger: { name, done } }: { readonly trigger: Trigger }) {
  const tenant = useTenant() ?? ''
  const runStates = new Map(done.map(({ run, runState }) => [run, runState]))
  const shown = useOperation('schedules.show', { name, limit: 30 })
  const next = useOperation('schedules.next', { name, count: 5 })
  return (
    <Answer of={shown}>
      {({ schedule, firings }) => (
        <>
          <Facts
            of={[
              [
                texts.rule,
                <code key="cron" className="font-mono">
                  {schedule.cron}
                </code>,
              ],
              [texts.zone, schedule.zone],
              [texts.starts, schedule.starts],
              [texts.overlap, texts.overlaps[schedule.overlap]],
              [texts.catchUp, texts.catchUps[schedule.catchUp]],
              [texts.jitter, schedule.jitterMs === 0 ? null : formatDuration(schedule.jitterMs)],
              [texts.createdBy, schedule.createdBy],
            ]}
          />
          <Heading>{texts.nextTimes}</Heading>
          <Answer of={next}>{({ zone, times }) => <NextTimes zone={zone} times={times} />}</Answer>
          <Heading>{texts.firingsTitle}</Heading>
          {firings.length === 0 ? (
            <Empty title={texts.firingsNone} />
          ) : (
            <ul className="flex flex-col divide-y divide-line text-sm">
              {firings.map((firing) => (
                <li key={firing.dueAt} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2">
                  <Outcome state={outcomeOf(firing.state, runStates.get(firing.runId) ?? null)} />
                  <Time at={firing.dueAt} />
                  {firing.cause !== 'due' && (
                    <span className="text-xs text-faint">{texts.causes[firing.cause]}</span>
                  )}
                  {firing.runId !== null && (
                    <Link
                      to="/t/$tenant/runs/$run"
                      params={{ tenant, run: firing.runId }}
                      className="ml-auto text-accent hover:underline"
                    >
                      {texts.run}
                    </Link>
                  )}
                  {firing.detail !== null && (
                    <p className="w-full text-xs text-soft [overflow-wrap:anywhere]">
                      {firing.detail}
                    </p>
                  )}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
    </Answer>
  )
}

function Outcome({ state }: { readonly state: string }) {
  const label = texts.firings[state as keyof typeof texts.firings] ?? state
  return <Status state={firingLooks[state] ?? 'unknown'} label={label} />
}
