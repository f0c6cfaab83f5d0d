import { useOperation } from '~/api/operation.ts'
import { quarantineTexts as texts } from '~/texts/quarantine.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'

const AGAIN_MS = 1_000
const SHOWN_MAX = 10

/** A replay of rows that were sent: no run makes them, so their acknowledgements tell how it goes on. */
export function SentReplay({ acknowledgements }: { readonly acknowledgements: readonly string[] }) {
  return (
    <Card title={texts.replaying}>
      <ul className="flex flex-col gap-2 text-sm" aria-live="polite">
        {acknowledgements.slice(0, SHOWN_MAX).map((acknowledgement) => (
          <One key={acknowledgement} acknowledgement={acknowledgement} />
        ))}
      </ul>
    </Card>
  )
}

function One({ acknowledgement }: { readonly acknowledgement: string }) {
  const shown = useOperation(
    'acknowledgements.show',
    { acknowledgement },
    { everyMs: (data) => (data?.visible === false ? AGAIN_MS : false) },
  )
  return (
    <li className="min-w-0">
      <Answer of={shown}>
        {({ visible, accepted, repaired, quarantined }) => (
          <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
            <Status state={visible ? 'done' : 'running'} />
            <span className={visible ? 'text-good' : 'text-soft'}>
              {visible
                ? texts.sentDone(
                    formatCount((accepted ?? 0) + (repaired ?? 0)),
                    formatCount(quarantined ?? 0),
                  )
                : texts.sentWaits}
            </span>
            <span className="num truncate text-xs text-faint">{acknowledgement}</span>
          </div>
        )}
      </Answer>
    </li>
  )
}
