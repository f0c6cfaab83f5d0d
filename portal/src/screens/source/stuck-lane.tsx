import type { OutputOf } from '~/api/client.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'
import { StatusMark } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

/** Rows that were sent and do not get into the source: why, since when, how many. */
export function StuckLane({ waiting }: { readonly waiting: OutputOf<'sources.show'>['waiting'] }) {
  if (waiting === null || waiting.failingSince === null) return null
  const { rows, requests, since, failures, failingSince, error } = waiting
  return (
    <Card title={texts.stuck} note={texts.stuckNote}>
      <div className="flex flex-col gap-3 text-sm">
        <p className="flex items-start gap-2 text-bad">
          <StatusMark state="failed" />
          <span className="min-w-0 [overflow-wrap:anywhere]">{error}</span>
        </p>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-soft">
          <dt>{texts.stuckSince}</dt>
          <dd>
            <Time at={failingSince} /> · {texts.stuckTries(failures)}
          </dd>
          <dt>{texts.stuckRows}</dt>
          <dd className="num">{texts.stuckWaiting(formatCount(rows), formatCount(requests))}</dd>
          {since !== null && (
            <>
              <dt>{texts.stuckOldest}</dt>
              <dd>
                <Time at={since} />
              </dd>
            </>
          )}
        </dl>
      </div>
    </Card>
  )
}
