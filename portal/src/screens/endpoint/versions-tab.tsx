import { Pin } from 'lucide-react'
import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { endpointTexts } from '~/texts/endpoint.ts'
import { common } from '~/texts/common.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { classes } from '~/ui/classes.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { formatCount, formatDuration } from '~/ui/format.ts'
import { Answer } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time, useNow } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

const texts = endpointTexts.versions
type Version = OutputOf<'endpoints.versions'>['versions'][number]

const looks = { current: 'active', former: 'waiting', ended: 'expired' } as const

/** Versions with how long they live, what is different in the current one, and who still asks for them. */
export function VersionsTab({ endpoint }: { readonly endpoint: string }) {
  const versions = useOperation('endpoints.versions', { endpoint })
  const [asked, setAsked] = useState<number | null>(null)
  const pin = useChange('endpoints.pin', {
    onDone: ({ pinned }) => {
      setAsked(null)
      showDone(texts.pinned(pinned))
    },
  })
  const unpin = useChange('endpoints.unpin', { onDone: () => showDone(texts.unpinned) })
  return (
    <Answer of={versions}>
      {({ versions: all, pinned }) => (
        <>
          <Card title={texts.lives} note={texts.note}>
            <Lives versions={all} />
          </Card>
          {all.map((version) => (
            <Card
              key={version.version}
              title={
                <span className="flex flex-wrap items-center gap-2">
                  {endpointTexts.version(version.version)}
                  <Status state={looks[version.state]} label={texts.states[version.state]} />
                  {version.version === pinned && (
                    <span className="inline-flex items-center gap-1 text-xs text-accent">
                      <Pin size={12} aria-hidden />
                      {endpointTexts.pinned}
                    </span>
                  )}
                </span>
              }
              actions={
                version.version === pinned ? (
                  <Button
                    size="small"
                    operation="endpoints.unpin"
                    busy={unpin.isPending}
                    onClick={() => unpin.mutate({ endpoint })}
                  >
                    {texts.unpin}
                  </Button>
                ) : version.state === 'ended' ? null : (
                  <Button
                    size="small"
                    operation="endpoints.pin"
                    icon={<Pin size={14} aria-hidden />}
                    onClick={() => setAsked(version.version)}
                  >
                    {texts.pin}
                  </Button>
                )
              }
            >
              <About version={version} />
            </Card>
          ))}
          <Dialog
            open={asked !== null}
            onClose={() => setAsked(null)}
            size="small"
            title={texts.pinTitle(asked ?? 0)}
            note={texts.pinNote}
            actions={
              <>
                <Button onClick={() => setAsked(null)}>{common.cancel}</Button>
                <Button
                  look="primary"
                  busy={pin.isPending}
                  onClick={() => asked !== null && pin.mutate({ endpoint, version: asked })}
                >
                  {texts.pin}
                </Button>
              </>
            }
          />
        </>
      )}
    </Answer>
  )
}

/** Each version as a bar from its deployment to its end; what has no end goes on. */
function Lives({ versions }: { readonly versions: readonly Version[] }) {
  const now = useNow()
  const starts = versions.map(({ createdAt }) => Date.parse(createdAt))
  const ends = versions.map(({ endsAt }) => (endsAt === null ? now : Date.parse(endsAt)))
  const from = Math.min(now - 86_400_000, ...starts)
  const to = Math.max(now, ...ends) + (now - from) * 0.1
  const share = (ms: number) => ((ms - from) / (to - from)) * 100
  return (
    <ul className="flex flex-col gap-1.5">
      {versions.map(({ version, state, createdAt, endsAt }) => {
        const begin = share(Date.parse(createdAt))
        const end = endsAt === null ? 100 : share(Date.parse(endsAt))
        const words = texts.life(version, texts.states[state])
        return (
          <li key={version} className="flex items-center gap-3 text-xs">
            <span className="num w-6 text-right text-faint">{version}</span>
            <span role="img" aria-label={words} title={words} className="relative h-4 grow">
              <span className="absolute inset-x-0 top-1/2 h-px bg-line" />
              <span
                className={classes(
                  'absolute top-1 h-2 min-w-1 rounded-full',
                  state === 'current' && 'bg-good',
                  state === 'former' && 'bg-warn',
                  state === 'ended' && 'bg-idle/50',
                )}
                style={{ left: `${begin}%`, width: `${Math.max(end - begin, 0)}%` }}
              />
              <span
                className="absolute inset-y-0 w-px bg-ink/40"
                style={{ left: `${share(now)}%` }}
              />
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function About({ version }: { readonly version: Version }) {
  const now = useNow()
  const { state, createdAt, endsAt, changes, usedBy } = version
  const left = endsAt === null ? 0 : Date.parse(endsAt) - now
  return (
    <div className="flex flex-col gap-4 text-sm">
      <p className="text-soft">
        {texts.since} <Time at={createdAt} exact />
        {endsAt !== null && (
          <>
            {' · '}
            {state === 'ended' ? texts.ended : texts.until} <Time at={endsAt} exact />
            {left > 0 && (
              <span className="font-medium text-warn"> · {texts.left(formatDuration(left))}</span>
            )}
          </>
        )}
      </p>
      {state !== 'current' && <Changes changes={changes} />}
      <section>
        <h3 className="mb-1 text-xs font-semibold text-soft">{texts.usedBy}</h3>
        {usedBy.length === 0 ? (
          <p className="text-faint">{texts.nobody}</p>
        ) : (
          <UsedBy usedBy={usedBy} />
        )}
      </section>
    </div>
  )
}

function Changes({ changes }: { readonly changes: Version['changes'] }) {
  return (
    <section>
      <h3 className="mb-1 text-xs font-semibold text-soft">{texts.changes}</h3>
      {changes.length === 0 && <p className="text-faint">{texts.noChanges}</p>}
      <ul className="flex flex-col gap-1">
        {changes.map(({ of, name, change, what, breaks }) => (
          <li
            key={`${of} ${name} ${what}`}
            className={classes(
              'flex flex-wrap gap-x-2 rounded border-l-2 px-2 py-0.5',
              change === 'added' && 'border-good bg-good-soft/40',
              change === 'removed' && 'border-bad bg-bad-soft/40',
              change === 'changed' && 'border-warn bg-warn-soft/40',
            )}
          >
            <span className="text-faint">
              {texts.change[change]} {texts.of[of]}
            </span>
            <code className="font-mono text-xs leading-5">{name}</code>
            <span className="[overflow-wrap:anywhere]">{what}</span>
            {breaks && <span className="font-medium text-bad">{texts.breaks}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function UsedBy({ usedBy }: { readonly usedBy: Version['usedBy'] }) {
  const most = Math.max(...usedBy.map(({ requests }) => requests), 1)
  return (
    <ul className="flex flex-col gap-1">
      {usedBy.slice(0, 10).map(({ caller, requests, lastHour }) => (
        <li
          key={caller}
          className="grid grid-cols-[minmax(0,16rem)_minmax(3rem,1fr)_auto] items-center gap-3"
        >
          <span className="truncate font-mono text-xs" title={caller}>
            {caller}
          </span>
          <span className="h-1.5 rounded-full bg-sunken">
            <span
              className="block h-full rounded-full bg-accent"
              style={{ width: `${(requests / most) * 100}%` }}
            />
          </span>
          <span className="num text-xs text-faint">
            {texts.requests(formatCount(requests))} · <Time at={lastHour} />
          </span>
        </li>
      ))}
    </ul>
  )
}
