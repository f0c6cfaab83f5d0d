import { useOperation } from '~/api/operation.ts'
import { queueTotals, waits, type Wait } from '~/screens/operate-health/health.ts'
import { healthTexts as texts } from '~/texts/operate-health.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'

const EVERY_MS = 5_000

const colours: Record<Wait, string> = {
  running: 'bg-busy',
  ready: 'bg-(--series-2)',
  parked: 'bg-(--series-4)',
  delayed: 'bg-(--series-7)',
  waiting: 'bg-(--series-6)',
}

/** What waits for what, over all tenants. */
export function Queue() {
  const queue = useOperation('queue.show', {}, { everyMs: EVERY_MS })
  return (
    <Card title={texts.queue} note={texts.queueNote}>
      <Answer of={queue}>
        {(data) => {
          const { counts, all, oldestMs } = queueTotals(data)
          return (
            <div className="flex flex-col gap-3 text-sm">
              {all === 0 ? (
                <p className="text-soft">{texts.queueEmpty}</p>
              ) : (
                <>
                  <div aria-hidden className="flex h-4 gap-px overflow-hidden rounded bg-sunken">
                    {waits.map((wait) =>
                      counts[wait] > 0 ? (
                        <span
                          key={wait}
                          className={colours[wait]}
                          style={{ width: `${(counts[wait] / all) * 100}%` }}
                        />
                      ) : null,
                    )}
                  </div>
                  <ul className="num flex flex-wrap gap-x-5 gap-y-1">
                    {waits.map((wait) => (
                      <li key={wait} className="flex items-center gap-1.5">
                        <span aria-hidden className={`size-2.5 rounded-xs ${colours[wait]}`} />
                        {formatCount(counts[wait])} {texts.waits[wait]}
                      </li>
                    ))}
                  </ul>
                </>
              )}
              {oldestMs !== null && (
                <p className="text-xs text-faint">{texts.queueOldest(formatDuration(oldestMs))}</p>
              )}
              {data.pauses.length > 0 && (
                <div>
                  <Status state="paused" label={texts.paused(data.pauses.length)} />
                  <ul className="mt-1 max-h-40 overflow-y-auto text-xs text-soft">
                    {data.pauses.map(({ tenant, scope, value, reason }) => (
                      <li
                        key={`${tenant ?? ''} ${scope} ${value}`}
                        className="[overflow-wrap:anywhere]"
                      >
                        {[tenant, scope, value].filter(Boolean).join(' ')}: {reason}
                      </li>
                    ))}
                  </ul>
                </div>
              )}
            </div>
          )
        }}
      </Answer>
    </Card>
  )
}
