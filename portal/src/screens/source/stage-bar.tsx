import { Link, useParams } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { Arrival } from '~/screens/source/arrival.ts'
import { stagesOf } from '~/screens/source/stages-of.ts'
import { sourceTexts as texts } from '~/texts/source.ts'
import { Card } from '~/ui/card.tsx'
import { formatCount } from '~/ui/format.ts'

/** One reading on its way through: how many rows each stage let pass. */
export function StageBar({ arrival }: { readonly arrival: Arrival }) {
  const tenant = useTenant() ?? ''
  const { source = '' } = useParams({ strict: false })
  const stages = stagesOf(arrival)
  return (
    <Card
      title={texts.stages}
      note={arrival.state === 'held' ? texts.heldNote : texts.stagesOf(arrival.partition)}
      actions={
        arrival.quarantined > 0 && (
          <Link
            to="/t/$tenant/quarantine/$source"
            params={{ tenant, source }}
            search={{ partition: arrival.partition }}
            className="text-sm font-medium text-warn underline decoration-dotted underline-offset-2"
          >
            {texts.quarantine}
          </Link>
        )
      }
    >
      <ol className="grid grid-cols-2 gap-3 sm:grid-cols-5">
        {stages.map(({ name, rows, lost }) => (
          <li key={name} className="flex min-w-0 flex-col gap-1">
            <span className="flex items-baseline justify-between gap-2 text-xs">
              <span className="truncate text-soft">{texts.stageNames[name]}</span>
              {lost > 0 && (
                <span className="num shrink-0 font-medium text-warn">
                  {texts.stageLost(formatCount(lost))}
                </span>
              )}
            </span>
            <span aria-hidden className="block h-2 rounded-full bg-warn-soft">
              <span
                className="block h-full rounded-full bg-good"
                style={{ width: `${(rows / Math.max(arrival.received, 1)) * 100}%` }}
              />
            </span>
            <span className="num text-base font-semibold">{formatCount(rows)}</span>
          </li>
        ))}
      </ol>
    </Card>
  )
}
