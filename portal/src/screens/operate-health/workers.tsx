import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { healthTexts as texts } from '~/texts/operate-health.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Worker = OutputOf<'workers.list'>['workers'][number]

const EVERY_MS = 5_000
const SQUARES_MOST = 128

const looks = { running: 'active', stopping: 'paused', gone: 'failed' } as const

/** Each process with its slots as squares. */
export function Workers() {
  const workers = useOperation('workers.list', {}, { everyMs: EVERY_MS })
  return (
    <Card title={texts.workers} note={texts.workersNote}>
      <Answer of={workers}>
        {({ workers: all }) =>
          all.length === 0 ? (
            <p className="text-sm text-warn">{texts.noWorkers}</p>
          ) : (
            <ul className="flex max-h-96 flex-col gap-3 overflow-y-auto">
              {all.map((worker) => (
                <li key={worker.id}>
                  <Row worker={worker} />
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}

function Row({ worker }: { readonly worker: Worker }) {
  const { id, host, version, does, state, seenAt, tags } = worker
  const [busy, slots] = [Number(worker.busy), Number(worker.slots)]
  const words = texts.slots(busy, slots)
  return (
    <div className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <Status state={looks[state]} label={texts.workerStates[state]} />
        <span className="font-medium" title={id}>
          {host}
        </span>
        <span className="num text-xs text-faint">
          {[version, ...worker.parts, ...tags].join(' · ')}
          {does === 'calls' && ` · ${texts.calls}`}
        </span>
        <span className="ml-auto text-xs text-faint">
          {texts.seen} <Time at={seenAt} />
        </span>
      </div>
      <div className="flex flex-wrap items-center gap-2">
        <div role="img" aria-label={words} className="flex flex-wrap gap-0.5">
          {Array.from({ length: Math.min(slots, SQUARES_MOST) }, (_, at) => (
            <span
              key={at}
              className={classes(
                'size-3 rounded-xs border',
                at < busy ? 'border-busy bg-busy' : 'border-line-strong',
              )}
            />
          ))}
        </div>
        <span className="num text-xs text-soft">{words}</span>
      </div>
    </div>
  )
}
