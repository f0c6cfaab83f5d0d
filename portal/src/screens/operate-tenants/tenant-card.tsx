import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

import { sumOf, troublesOf, type Pulse } from '~/screens/operate-tenants/pulse.ts'
import { tenantsTexts as texts } from '~/texts/operate-tenants.ts'
import { classes } from '~/ui/classes.ts'
import { Bars } from '~/ui/drawings.tsx'
import { formatBytes, formatCount, formatDuration } from '~/ui/format.ts'
import { Status, StatusMark } from '~/ui/status.tsx'

/** One tenant: the same three drawings for each, so that they can be compared. */
export function TenantCard({ pulse, menu }: { readonly pulse: Pulse; readonly menu: ReactNode }) {
  const troubles = troublesOf(pulse)
  const { slug, name, state, cell } = pulse
  return (
    <article
      className={classes(
        'flex min-w-0 flex-col gap-2 rounded-lg border bg-surface p-3 shadow-card',
        troubles.length > 0 ? 'border-bad/60' : 'border-line',
      )}
    >
      <header className="flex items-start gap-1">
        <div className="min-w-0 grow">
          <h2 className="truncate text-sm font-semibold" title={name}>
            <Link to="/t/$tenant/home" params={{ tenant: slug }} className="hover:underline">
              {name}
            </Link>
          </h2>
          <p className="num flex items-center gap-2 truncate text-xs text-faint">
            <span className="truncate">{slug}</span>
            <span className="whitespace-nowrap">{formatBytes(Number(pulse.bytes))}</span>
          </p>
        </div>
        {state !== 'active' && (
          <Status
            state={state === 'suspended' ? 'suspended' : 'cancelled'}
            label={texts.states[state]}
          />
        )}
        {menu}
      </header>
      {cell === null ? (
        <Drawings pulse={pulse} />
      ) : (
        <p className="text-xs text-soft">
          {texts.inCell(cell)}. {texts.cellNote}
        </p>
      )}
      <ul className="flex flex-col gap-0.5 text-xs">
        {troubles.length === 0 && (
          <li className="flex items-center gap-1.5 text-soft">
            <StatusMark state="ok" size={10} />
            {texts.well}
          </li>
        )}
        {troubles.map(({ kind, count, state: look }) => (
          <li key={kind}>
            <Way kind={kind} slug={slug}>
              <StatusMark state={look} size={10} />
              {texts[kind](formatCount(count))}
            </Way>
          </li>
        ))}
      </ul>
      <p className="num mt-auto text-xs text-faint">{workOf(pulse)}</p>
    </article>
  )
}

function workOf({ running, ready, oldestWaitMs }: Pulse): string {
  const words = [
    ...(Number(running) > 0 ? [texts.running(formatCount(running))] : []),
    ...(Number(ready) > 0 ? [texts.ready(formatCount(ready))] : []),
    ...(oldestWaitMs === null ? [] : [texts.oldest(formatDuration(Number(oldestWaitMs)))]),
  ]
  return words.join(', ') || texts.idle
}

function Drawings({ pulse: { hours, days } }: { readonly pulse: Pulse }) {
  const [busyMs, failed, asked] = [sumOf(hours.wallMs), sumOf(hours.failed), sumOf(days.requests)]
  return (
    <div className="grid grid-cols-3 gap-3">
      <Small label={texts.load} span={texts.lastDay} value={formatDuration(busyMs)}>
        <Bars
          values={hours.wallMs.map(Number)}
          label={texts.loadLabel(formatDuration(busyMs))}
          className="w-full! text-(--series-1)!"
        />
      </Small>
      <Small label={texts.errors} span={texts.lastDay} value={formatCount(failed)}>
        <Bars
          values={hours.failed.map(Number)}
          label={texts.errorsLabel(formatCount(failed))}
          className="w-full! text-bad!"
        />
      </Small>
      <Small label={texts.requests} span={texts.lastDays} value={formatCount(asked, true)}>
        <Bars
          values={days.requests.map(Number)}
          label={texts.requestsLabel(formatCount(asked))}
          className="w-full! text-(--series-3)!"
        />
      </Small>
    </div>
  )
}

function Small({
  label,
  span,
  value,
  children,
}: {
  readonly label: string
  readonly span: string
  readonly value: string
  readonly children: ReactNode
}) {
  return (
    <div className="min-w-0">
      <p className="truncate text-2xs text-faint">
        {label} · {span}
      </p>
      <p className="num truncate text-sm font-medium">{value}</p>
      <div className="border-b border-line">{children}</div>
    </div>
  )
}

/** Where each trouble is solved. */
function Way({
  kind,
  slug,
  children,
}: {
  readonly kind: ReturnType<typeof troublesOf>[number]['kind']
  readonly slug: string
  readonly children: ReactNode
}) {
  const to = {
    troubled: '/t/$tenant/matrix',
    breached: '/t/$tenant/sources',
    failedRuns: '/t/$tenant/runs',
    dead: '/t/$tenant/tasks',
  } as const
  return (
    <Link
      to={to[kind]}
      params={{ tenant: slug }}
      search={kind === 'failedRuns' ? { state: 'failed' } : {}}
      className="flex items-center gap-1.5 text-bad hover:underline"
    >
      {children}
    </Link>
  )
}
