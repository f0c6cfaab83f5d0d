import type { ReactNode } from 'react'

import { useZone } from '~/api/access.ts'
import { PermissionWords } from '~/doors/permission-marks.tsx'
import { SampleTable } from '~/doors/sample-table.tsx'
import { useSample } from '~/doors/sample.ts'
import { useThings, type Thing } from '~/doors/seen.tsx'
import type { SeenAccess } from '~/doors/seen-data.ts'
import { whoOf } from '~/doors/who.ts'
import type { Key, KeyDeed, KeyUse } from '~/screens/keys/key.ts'
import { DayBars, KeyStatus, RateGauge } from '~/screens/keys/key-parts.tsx'
import { keyState } from '~/screens/keys/key-state.ts'
import { common } from '~/texts/common.ts'
import { keys as words } from '~/texts/keys.ts'
import { Button } from '~/ui/button.tsx'
import { Drawer } from '~/ui/dialog.tsx'
import { formatTime } from '~/ui/format.ts'
import { Time, useNow } from '~/ui/time.tsx'

const SAMPLES = 4

/** One key: what it may, what of the data it gets, how it is used. */
export function KeyDrawer({
  apiKey,
  use,
  onDo,
  onClose,
}: {
  readonly apiKey: Key
  readonly use: KeyUse | undefined
  readonly onDo: (deed: KeyDeed['deed']) => void
  readonly onClose: () => void
}) {
  const now = useNow()
  const zone = useZone()
  const { id, name, permissions, madeBy, makerLeft, createdAt, lastUsedAt, expiresAt } = apiKey
  const works = ['active', 'expiring'].includes(keyState(apiKey, now))
  const time = (at: string | null, none: string) => (at === null ? none : <Time at={at} exact />)
  const facts: (readonly [string, ReactNode])[] = [
    [
      words.id,
      <code key="id" className="font-mono text-xs break-all">
        {id}
      </code>,
    ],
    [words.made, time(createdAt, common.unknown)],
    [words.madeBy, madeBy === null ? common.product : whoOf(madeBy)],
    [words.lastUsed, time(lastUsedAt, words.neverUsed)],
    [words.expires, time(expiresAt, words.neverEnds)],
    ...(apiKey.rotatedAt === null
      ? []
      : [[words.rotated, time(apiKey.rotatedAt, common.never)] as const]),
  ]
  return (
    <Drawer
      open
      onClose={onClose}
      title={name}
      actions={
        works && (
          <>
            <Button operation="keys.limit" onClick={() => onDo('limit')}>
              {words.limit}
            </Button>
            <Button operation="keys.rotate" onClick={() => onDo('rotate')}>
              {words.rotate}
            </Button>
            <Button look="danger" operation="keys.revoke" onClick={() => onDo('revoke')}>
              {words.revoke}
            </Button>
          </>
        )
      }
    >
      <div className="flex flex-col gap-5">
        <div className="flex flex-wrap items-center gap-2">
          <KeyStatus apiKey={apiKey} now={now} />
          <PermissionWords permissions={permissions} />
        </div>
        {makerLeft && madeBy?.startsWith('operator ') === false && (
          <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-ink">{words.makerLeft}.</p>
        )}
        {apiKey.formerUntil !== null && (
          <p className="rounded-md bg-warn-soft px-3 py-2 text-sm text-ink">
            {words.former(formatTime(apiKey.formerUntil, zone))}
          </p>
        )}
        <Part title={words.details.use}>
          <div className="grid grid-cols-2 items-end gap-4">
            <DayBars use={use} now={now} className="h-10 w-full" />
            <RateGauge use={use} />
          </div>
        </Part>
        <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5 text-sm">
          {facts.map(([term, value]) => (
            <Fact key={term} term={term}>
              {value}
            </Fact>
          ))}
        </dl>
        <Part title={words.details.seen}>
          <SeenSamples access={apiKey.access} />
        </Part>
      </div>
    </Drawer>
  )
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{term}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="flex min-w-0 flex-col gap-2">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
    </section>
  )
}

/** The rows themselves, for what is limited by name. */
function SeenSamples({ access }: { readonly access: SeenAccess }) {
  const things = useThings() ?? []
  const limited = new Set([
    ...(access.endpoints ?? []),
    ...Object.keys(access.columns),
    ...Object.keys(access.rows),
  ])
  if (access.endpoints?.length === 0) {
    return <p className="text-sm text-soft">{words.details.none}</p>
  }
  if (limited.size === 0) return <p className="text-sm text-soft">{words.details.all}</p>
  const seen = things.filter(
    ({ name }) =>
      limited.has(name) && (access.endpoints === null || access.endpoints.includes(name)),
  )
  return (
    <>
      <p className="text-xs text-faint">{words.details.seenNote}</p>
      {seen.slice(0, SAMPLES).map((thing) => (
        <OneSample key={`${thing.kind} ${thing.name}`} thing={thing} access={access} />
      ))}
      {seen.length > SAMPLES && (
        <p className="text-sm text-soft">{words.details.more(seen.length - SAMPLES)}</p>
      )}
    </>
  )
}

function OneSample({ thing, access }: { readonly thing: Thing; readonly access: SeenAccess }) {
  const sample = useSample(thing, access)
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <code className="font-mono text-xs text-soft">{thing.name}</code>
      <SampleTable name={thing.name} of={sample} />
    </div>
  )
}
