import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { DepthCard } from '~/screens/tasks/depth-card.tsx'
import { WaitingCard } from '~/screens/tasks/waiting-card.tsx'
import { tasksTexts as texts } from '~/texts/tasks.ts'
import { Button } from '~/ui/button.tsx'
import { Card, Stat } from '~/ui/card.tsx'
import { formatCount, formatDuration, formatShare } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { showDone } from '~/ui/toast.tsx'
import { Time } from '~/ui/time.tsx'

type Queue = OutputOf<'queue.show'>

/** The queue as it is, as it was, and what holds it up. */
export function QueueView() {
  const tenant = useTenant()
  const queue = useOperation('queue.show', {}, { everyMs: 5_000 })
  return (
    <>
      <Answer of={queue}>
        {({ tenants, pauses }) => {
          const own = tenants.find((one) => one.tenant === tenant)
          return (
            <>
              <Card>
                <div className="grid grid-cols-2 gap-4 sm:grid-cols-5">
                  <Stat label={texts.running} value={formatCount(own?.running ?? 0)} />
                  <Stat label={texts.ready} value={formatCount(own?.ready ?? 0)} />
                  <Stat
                    label={texts.later}
                    value={formatCount(
                      (own?.delayed ?? 0) + (own?.waiting ?? 0) + (own?.parked ?? 0),
                    )}
                    note={texts.laterNote}
                  />
                  <Stat
                    label={texts.oldest}
                    value={
                      own?.oldestWaitMs == null ? texts.nothing : formatDuration(own.oldestWaitMs)
                    }
                  />
                  <Stat
                    label={texts.share}
                    value={formatShare(own?.share ?? 0)}
                    note={texts.shareNote(own?.slots ?? 0)}
                  />
                </div>
              </Card>
              {pauses.length > 0 && <Pauses pauses={pauses} />}
              {tenants.length > 1 && <Shares tenants={tenants} />}
            </>
          )
        }}
      </Answer>
      <DepthCard />
      <WaitingCard />
    </>
  )
}

function Pauses({ pauses }: Pick<Queue, 'pauses'>) {
  const resume = useChange('queue.resume', {
    onDone: (_, input) => showDone(texts.resumed(input?.run ?? input?.dataset ?? texts.title)),
  })
  return (
    <Card title={texts.pauses}>
      <ul className="flex flex-col gap-2">
        {pauses.map((pause) => {
          const word = texts.scopes[pause.scope as keyof typeof texts.scopes] ?? pause.scope
          return (
            <li
              key={`${pause.tenant} ${pause.scope} ${pause.value}`}
              className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm"
            >
              <Status state="paused" label={word} />
              <span className="font-medium [overflow-wrap:anywhere]">{pause.value}</span>
              <span className="min-w-0 text-soft [overflow-wrap:anywhere]">
                {pause.reason}
                {pause.byOperator && ` (${texts.pausedByOperator})`}
              </span>
              <span className="text-xs text-faint">
                <Time at={pause.since} />
              </span>
              {!pause.byOperator && (pause.scope === 'dataset' || pause.scope === 'run') && (
                <span className="ml-auto">
                  <Button
                    size="small"
                    operation="queue.resume"
                    busy={resume.isPending}
                    onClick={() =>
                      resume.mutate(
                        pause.scope === 'run' ? { run: pause.value } : { dataset: pause.value },
                      )
                    }
                  >
                    {texts.resume}
                  </Button>
                </span>
              )}
            </li>
          )
        })}
      </ul>
    </Card>
  )
}

/** Slots that tenants have, and their due: for those who may see more than one. */
function Shares({ tenants }: Pick<Queue, 'tenants'>) {
  const slots = Math.max(
    tenants.reduce((sum, one) => sum + one.slots, 0),
    1,
  )
  const shown = tenants.toSorted((a, b) => b.slots - a.slots || b.ready - a.ready).slice(0, 12)
  return (
    <Card title={texts.sharesTitle} note={texts.sharesNote}>
      <ul className="flex flex-col gap-2">
        {shown.map((one) => (
          <li
            key={one.tenant}
            className="grid grid-cols-[minmax(0,10rem)_minmax(0,1fr)_9rem] items-center gap-3 text-xs"
          >
            <span className="truncate font-medium" title={one.tenant}>
              {one.tenant}
            </span>
            <span
              className="relative h-3 rounded-xs bg-sunken"
              role="img"
              aria-label={`${one.tenant}: ${formatShare(one.slots / slots)}, ${formatShare(one.share)}`}
            >
              <span
                className="absolute inset-y-0 left-0 rounded-xs bg-accent"
                style={{ width: `${(one.slots / slots) * 100}%` }}
              />
              <span
                className="absolute -inset-y-0.5 w-0.5 bg-ink"
                style={{ left: `${one.share * 100}%` }}
              />
            </span>
            <span className="num text-right text-soft">
              {one.slots} · {formatShare(one.share)} · {formatCount(one.ready, true)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  )
}
