import { Monitor, Smartphone, SquareTerminal } from 'lucide-react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperation } from '~/api/operation.ts'
import { deviceOf } from '~/doors/device.ts'
import { account as words } from '~/texts/account.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Answer } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

type Session = OutputOf<'sessions.list'>['sessions'][number]

export function Sessions() {
  const sessions = useOperation('sessions.list', {})
  const endOthers = useChange('sessions.endOthers', {
    onDone: ({ ended }) => showDone(words.endedOthers(ended)),
  })
  const others = sessions.data?.sessions.filter(({ current }) => !current) ?? []
  return (
    <Card
      flush
      title={words.sessions}
      note={words.sessionsNote}
      actions={
        others.length > 0 && (
          <Button size="small" busy={endOthers.isPending} onClick={() => endOthers.mutate({})}>
            {words.endOthers}
          </Button>
        )
      }
    >
      <Answer of={sessions}>
        {({ sessions: all }) => (
          <ul>
            {all.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Answer>
    </Card>
  )
}

function SessionRow({
  session: { id, current, agent, address, seenAt, createdAt },
}: {
  readonly session: Session
}) {
  const end = useChange('sessions.end')
  const device = agent === null ? null : deviceOf(agent)
  const Icon = device === null ? SquareTerminal : device.isPhone ? Smartphone : Monitor
  const name =
    device === null
      ? (agent?.slice(0, 60) ?? words.nameless)
      : words.device(device.browser, device.system)
  return (
    <li className="flex items-center gap-3 border-t border-line px-4 py-2.5">
      <Icon size={18} aria-hidden className="shrink-0 text-faint" />
      <div className="mr-auto min-w-0">
        <p className="truncate text-sm font-medium" title={agent ?? undefined}>
          {name}
          {current && (
            <span className="ml-2 rounded-full bg-good-soft px-2 py-0.5 text-xs font-medium text-good">
              {words.thisOne}
            </span>
          )}
        </p>
        <p className="truncate text-xs text-faint">
          <Time at={seenAt} /> · {address ?? words.noAddress} · {words.signedIn}{' '}
          <Time at={createdAt} />
        </p>
      </div>
      {!current && (
        <Button
          look="quiet"
          size="small"
          busy={end.isPending}
          aria-label={`${words.end}: ${name}`}
          onClick={() => end.mutate({ session: id })}
        >
          {words.end}
        </Button>
      )}
    </li>
  )
}
