import { Mail } from 'lucide-react'
import { useState } from 'react'

import type { OutputOf } from '~/api/client.ts'
import { useChange, useOperationPages } from '~/api/operation.ts'
import { whoOf } from '~/doors/who.ts'
import { LinkDialog } from '~/screens/people/link-dialog.tsx'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Answer, Empty } from '~/ui/states.tsx'
import { Status } from '~/ui/status.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

type Invitation = OutputOf<'invitations.list'>['invitations'][number]

export function Invitations() {
  const pages = useOperationPages('invitations.list', { limit: 100 }, { cursorField: 'after' })
  const [link, setLink] = useState<string>()
  return (
    <Card flush>
      <Answer of={pages}>
        {({ pages: all }) => {
          const invitations = all.flatMap((page) => page.invitations)
          if (invitations.length === 0) {
            return (
              <Empty title={people.noInvitations} icon={<Mail size={22} />}>
                {people.noInvitationsHint}
              </Empty>
            )
          }
          return (
            <>
              <ul>
                {invitations.map((invitation) => (
                  <InvitationRow key={invitation.id} invitation={invitation} onLink={setLink} />
                ))}
              </ul>
              {pages.hasNextPage && (
                <div className="flex justify-center p-3">
                  <Button onClick={() => void pages.fetchNextPage()}>{people.more}</Button>
                </div>
              )}
            </>
          )
        }}
      </Answer>
      {link !== undefined && <LinkDialog link={link} onClose={() => setLink(undefined)} />}
    </Card>
  )
}

function InvitationRow({
  invitation: { id, email, role, invitedBy, createdAt, expiresAt, isExpired },
  onLink,
}: {
  readonly invitation: Invitation
  readonly onLink: (link: string) => void
}) {
  const resend = useChange('invitations.resend', {
    onDone: ({ link }) => (link === null ? showDone(people.resent(email)) : onLink(link)),
  })
  const withdraw = useChange('invitations.withdraw', {
    onDone: () => showDone(people.withdrawn(email)),
  })
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="mr-auto min-w-0">
        <p className="flex min-w-0 items-center gap-2">
          <span className="truncate text-sm font-medium">{email}</span>
          <Status
            state={isExpired ? 'expired' : 'waiting'}
            label={isExpired ? people.expired : people.open}
          />
        </p>
        <p className="text-xs text-faint [overflow-wrap:anywhere]">
          {role} · {people.invitedBy} {whoOf(invitedBy)} · <Time at={createdAt} /> ·{' '}
          {people.expires} <Time at={expiresAt} />
        </p>
      </div>
      <Button
        size="small"
        operation="invitations.resend"
        busy={resend.isPending}
        aria-label={`${people.resend}: ${email}`}
        onClick={() => resend.mutate({ invitation: id })}
      >
        {people.resend}
      </Button>
      <Button
        size="small"
        look="danger"
        operation="invitations.withdraw"
        busy={withdraw.isPending}
        aria-label={`${people.withdraw}: ${email}`}
        onClick={() => withdraw.mutate({ invitation: id })}
      >
        {people.withdraw}
      </Button>
    </li>
  )
}
