import { Link } from '@tanstack/react-router'

import { useTenant, useZone } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { cronWords } from '~/screens/schedules/cron-words.ts'
import { clusterDots, outcomeOf, ticksOf, type Cluster } from '~/screens/schedules/dots.ts'
import { schedulesTexts as texts } from '~/texts/schedules.ts'
import { formatDuration, formatTime } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

export type Trigger = OutputOf<'triggers.list'>['triggers'][number]

/** Marks that can be told apart on one line. */
const PLACES = 56
/** As many times as the server lists of each. */
const COMING_MOST = 50
const kinds = ['schedule', 'sensor', 'freshness'] as const
/** How an outcome looks in the palette of states. */
export const firingLooks: Readonly<Record<string, string>> = {
  queued: 'queued',
  started: 'running',
  ran: 'done',
  posted: 'sent',
  nothing: 'unchanged',
  skipped: 'skipped',
  missed: 'warning',
  failed: 'failed',
  'run-running': 'running',
  'run-cancelled': 'cancelled',
  'run-failed': 'failed',
}

interface Line {
  readonly from: number
  readonly now: number
  readonly until: number
}

/** One line for each trigger, all on the same time. */
export function TriggerLines({
  triggers,
  onOpen,
  ...line
}: Line & {
  readonly triggers: readonly Trigger[]
  readonly onOpen: (trigger: Trigger) => void
}) {
  const zone = useZone()
  return (
    <div className="relative min-w-0 pb-2">
      <div
        aria-hidden
        className="num hidden grid-cols-[15rem_minmax(0,1fr)_8rem] gap-4 px-4 pb-1 text-2xs text-faint md:grid"
      >
        <span />
        <span className="flex justify-between">
          <span>{formatTime(new Date(line.from), zone)}</span>
          <span className="font-medium text-ink">{texts.now}</span>
          <span>{formatTime(new Date(line.until), zone)}</span>
        </span>
        <span />
      </div>
      {kinds.map((kind) => {
        const own = triggers.filter((one) => one.kind === kind)
        if (own.length === 0) return null
        return (
          <section key={kind} aria-label={texts.kinds[kind]}>
            <h3 className="border-y border-line bg-sunken px-4 py-1.5 text-xs font-medium text-soft">
              {texts.kinds[kind]}{' '}
              <span className="font-normal text-faint">{texts.kindNotes[kind]}</span>
            </h3>
            <ul>
              {own.map((trigger) => (
                <TriggerLine key={trigger.name} {...{ trigger, onOpen }} {...line} />
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

function TriggerLine({
  trigger,
  from,
  now,
  until,
  onOpen,
}: Line & { readonly trigger: Trigger; readonly onOpen: (trigger: Trigger) => void }) {
  const zone = useZone()
  const tell = (at: number | string) => formatTime(new Date(at), zone)
  const clusters = clusterDots(
    trigger.done.map(({ state, runState, ...dot }) => ({
      ...dot,
      state: outcomeOf(state, runState),
    })),
    from,
    until,
    PLACES,
  )
  const ticks = ticksOf(trigger.coming, from, until, PLACES * 2)
  const isOff = trigger.pausedAt !== null
  return (
    <li className="grid grid-cols-1 items-center gap-x-4 gap-y-1 border-b border-line/70 px-4 py-2 last:border-0 md:grid-cols-[15rem_minmax(0,1fr)_8rem]">
      <button
        type="button"
        onClick={() => onOpen(trigger)}
        className="flex min-w-0 flex-col rounded text-left hover:underline"
      >
        <span className="flex max-w-full items-center gap-1.5 text-sm font-medium">
          <StatusMark
            state={isOff ? 'paused' : trigger.isBreached || trigger.problem ? 'breached' : 'active'}
            title={titleOf(trigger)}
            size={10}
          />
          <span className="truncate">{trigger.name}</span>
        </span>
        <span className="max-w-full truncate text-xs text-faint">{ruleWords(trigger)}</span>
      </button>
      <div className="relative h-7 min-w-0">
        <span aria-hidden className="absolute inset-x-0 top-1/2 h-px bg-line" />
        <span
          aria-hidden
          className="absolute inset-y-0 w-px bg-accent md:-inset-y-2"
          style={{ left: `${((now - from) / (until - from)) * 100}%` }}
        />
        {trigger.coming.length >= COMING_MOST && (
          // Too many to be listed: they go on to the end.
          <span
            aria-hidden
            className="absolute top-1/2 right-0 h-3 -translate-y-1/2 bg-line-strong/25"
            style={{ left: `${(ticks[0] ?? 0) * 100}%` }}
          />
        )}
        {ticks.map((share) => (
          <span
            key={share}
            title={texts.comes(tell(from + share * (until - from)))}
            className="absolute top-1/2 h-3 w-0.5 -translate-x-1/2 -translate-y-1/2 rounded-full bg-line-strong"
            style={{ left: `${share * 100}%` }}
          />
        ))}
        {clusters.map((cluster) => (
          <FiringDot key={cluster.at} cluster={cluster} tell={tell} />
        ))}
      </div>
      <span className="text-xs text-soft md:text-right">
        {isOff ? (
          texts.paused
        ) : trigger.isBreached ? (
          <span className="font-medium text-bad">{texts.breached}</span>
        ) : trigger.kind === 'freshness' ? (
          trigger.breachAt !== null && texts.breaches(tell(trigger.breachAt))
        ) : (
          trigger.nextAt !== null && <Time at={trigger.nextAt} />
        )}
      </span>
    </li>
  )
}

function FiringDot({
  cluster,
  tell,
}: {
  readonly cluster: Cluster
  readonly tell: (at: string) => string
}) {
  const tenant = useTenant() ?? ''
  const state = texts.firings[cluster.state as keyof typeof texts.firings] ?? cluster.state
  const words = texts.dot(state, tell(cluster.at), cluster.count)
  const place = {
    className:
      'absolute top-1/2 flex size-6 -translate-x-1/2 -translate-y-1/2 items-center justify-center rounded-full',
    style: { left: `${cluster.share * 100}%` },
    title: words,
  }
  const mark = (
    <span className="rounded-full bg-surface p-0.5">
      <StatusMark
        state={firingLooks[cluster.state] ?? 'unknown'}
        title={words}
        size={cluster.count > 1 ? 15 : 12}
      />
    </span>
  )
  return cluster.run === null ? (
    <span {...place}>{mark}</span>
  ) : (
    <Link to="/t/$tenant/runs/$run" params={{ tenant, run: cluster.run }} {...place}>
      {mark}
    </Link>
  )
}

export function ruleWords({ kind, cron, zone, everyMs, maxAgeMs }: Trigger): string {
  if (kind === 'sensor') return texts.every(formatDuration(everyMs ?? 0))
  if (kind === 'freshness') return texts.maxAge(formatDuration(maxAgeMs ?? 0))
  const words = cronWords(cron ?? '') ?? cron ?? ''
  return zone === 'UTC' ? words : `${words}, ${zone}`
}

function titleOf({ pausedAt, isBreached, problem }: Trigger): string {
  if (pausedAt !== null) return texts.paused
  return problem ?? (isBreached ? texts.breached : texts.works)
}
