import { Link } from '@tanstack/react-router'

import { useOperation } from '~/api/operation.ts'
import { neighboursOf, type Neighbour } from '~/screens/operate-tenants/pulse.ts'
import { tenantsTexts as texts } from '~/texts/operate-tenants.ts'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { formatCount, formatShare } from '~/ui/format.ts'
import { Answer, Skeleton } from '~/ui/states.tsx'
import { StatusMark } from '~/ui/status.tsx'

const SHOWN = 8
const EVERY_MS = 5_000

/** Who has the slots now, against what is due: a noisy neighbour is seen at once. */
export function Neighbours() {
  const queue = useOperation('queue.show', {}, { everyMs: EVERY_MS })
  return (
    <Card title={texts.neighbours} note={texts.neighboursNote}>
      <Answer of={queue} waiting={<Skeleton className="h-8 w-full" />}>
        {({ tenants }) => {
          const { shown, others } = neighboursOf(tenants, SHOWN)
          if (shown.length === 0) {
            return <p className="text-sm text-soft">{texts.neighboursIdle}</p>
          }
          return (
            <>
              <ul className="grid gap-x-8 gap-y-1 md:grid-cols-2">
                {shown.map((one) => (
                  <li key={one.tenant}>
                    <Share of={one} />
                  </li>
                ))}
              </ul>
              {others > 0 && <p className="mt-1 text-xs text-faint">{texts.others(others)}</p>}
            </>
          )
        }}
      </Answer>
    </Card>
  )
}

function Share({ of: { tenant, has, due, waiting, isBeyond } }: { readonly of: Neighbour }) {
  const words = texts.share(formatShare(has), formatShare(due), formatCount(waiting))
  return (
    <div className="grid grid-cols-[minmax(0,9rem)_1fr_auto] items-center gap-3 text-sm">
      <Link
        to="/t/$tenant/tasks"
        params={{ tenant }}
        className="flex min-w-0 items-center gap-1.5 hover:underline"
      >
        {isBeyond && <StatusMark state="warning" title={texts.beyond} />}
        <span className="truncate">{tenant}</span>
      </Link>
      <div
        role="img"
        aria-label={`${tenant} ${words}`}
        className="relative h-2.5 rounded bg-sunken"
      >
        <div
          className={classes('h-full rounded', isBeyond ? 'bg-warn' : 'bg-busy')}
          style={{ width: `${has * 100}%` }}
        />
        <div
          className="absolute -top-0.5 -bottom-0.5 w-0.5 bg-ink"
          style={{ left: `${Math.min(due, 1) * 100}%` }}
        />
      </div>
      <span className="num text-xs whitespace-nowrap text-soft">{words}</span>
    </div>
  )
}
