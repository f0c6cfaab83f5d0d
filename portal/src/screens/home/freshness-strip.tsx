import { Link } from '@tanstack/react-router'

import { useTenant } from '~/api/access.ts'
import type { OutputOf } from '~/api/client.ts'
import { useOperation } from '~/api/operation.ts'
import { homeTexts as texts } from '~/texts/home.ts'
import { ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { formatCount } from '~/ui/format.ts'
import { Answer, Empty, SkeletonRows } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'

type Arrivals = OutputOf<'home.arrivals'>
type Source = Arrivals['sources'][number]

/** Thirty days of each source: on which of them something arrived, and whether that is enough. */
export function FreshnessStrip() {
  const tenant = useTenant() ?? ''
  const arrivals = useOperation('home.arrivals', { days: 30 })
  return (
    <Card title={texts.fresh} note={texts.freshNote}>
      <Answer of={arrivals} waiting={<SkeletonRows rows={2} />}>
        {({ sources, days, countedMost }) =>
          sources.length === 0 ? (
            <Empty
              title={texts.noSources}
              action={
                <ButtonLink operation="status.show" to="/t/$tenant/sources" params={{ tenant }}>
                  {texts.toSources}
                </ButtonLink>
              }
            >
              {texts.noSourcesHint}
            </Empty>
          ) : (
            <ul className="flex flex-col gap-4">
              {sources.map((source) => (
                <Strip key={source.dataset} {...{ source, days, countedMost }} />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}

function Strip({
  source,
  days,
  countedMost,
}: {
  readonly source: Source
  readonly days: readonly string[]
  readonly countedMost: number
}) {
  const tenant = useTenant() ?? ''
  const { dataset, description, publishes, freshness } = source
  const arrived = publishes.filter((count) => count > 0).length
  const state = freshness === null ? null : freshness.state === 'breached' ? 'breached' : 'fresh'
  return (
    <li className="flex min-w-0 flex-col gap-1">
      <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
        <Link
          to="/t/$tenant/sources/$source"
          params={{ tenant, source: dataset }}
          title={description}
          className="mr-auto truncate text-sm font-medium hover:underline"
        >
          {dataset}
        </Link>
        {freshness?.breachAt != null && freshness.state === 'kept' && (
          <span className="text-xs text-faint">
            {texts.dueBy} <Time at={freshness.breachAt} />
          </span>
        )}
        {state !== null && (
          <Status state={state} label={state === 'breached' ? texts.breached : texts.kept} />
        )}
      </div>
      <div
        role="img"
        aria-label={texts.strip(dataset, days.length, arrived)}
        className="flex h-6 gap-px sm:gap-0.5"
      >
        {days.map((day, at) => {
          const count = publishes[at] ?? 0
          const told = count >= countedMost ? `${formatCount(count)}+` : formatCount(count)
          return (
            <span
              key={day}
              title={texts.day(day, count === 0 ? texts.nothing : texts.arrivedCount(told))}
              className={classes(
                'min-w-0 grow rounded-xs',
                count > 0 ? 'bg-good' : 'border border-line bg-sunken',
              )}
              style={count > 0 ? { opacity: 0.45 + 0.55 * Math.min(1, count / 6) } : {}}
            />
          )
        })}
      </div>
      <div className="num flex justify-between text-2xs text-faint">
        <span>{days[0]}</span>
        <span>{days.at(-1)}</span>
      </div>
    </li>
  )
}
