import { Building2 } from 'lucide-react'
import { useState } from 'react'

import type { Account } from '~/api/access.ts'
import { useChange } from '~/api/operation.ts'
import { account as words } from '~/texts/account.ts'
import { common } from '~/texts/common.ts'
import { Button, ButtonLink } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { Empty } from '~/ui/states.tsx'
import { Time } from '~/ui/time.tsx'
import { showDone } from '~/ui/toast.tsx'

export function Memberships({ account }: { readonly account: Account }) {
  const { memberships, isOperator } = account
  const [leaving, setLeaving] = useState<Account['memberships'][number]>()
  return (
    <Card
      flush
      title={words.tenants}
      actions={
        isOperator && (
          <ButtonLink size="small" to="/operate/tenants">
            {words.allTenants}
          </ButtonLink>
        )
      }
    >
      {memberships.length === 0 && (
        <Empty title={words.noTenant} icon={<Building2 size={22} />}>
          {isOperator ? words.noTenantOperator : words.noTenantHint}
        </Empty>
      )}
      <ul>
        {memberships.map((membership) => (
          <li
            key={membership.tenant}
            className="flex items-center gap-3 border-t border-line px-4 py-2.5"
          >
            <span
              aria-hidden
              className="flex size-8 shrink-0 items-center justify-center rounded-md bg-accent-soft text-sm font-semibold text-accent"
            >
              {membership.tenantName.slice(0, 1).toUpperCase()}
            </span>
            <div className="mr-auto min-w-0">
              <p className="truncate text-sm font-medium">{membership.tenantName}</p>
              <p className="truncate text-xs text-faint">
                {membership.role} · {words.since} <Time at={membership.since} />
              </p>
            </div>
            <Button look="quiet" size="small" onClick={() => setLeaving(membership)}>
              {words.leave}
            </Button>
            <ButtonLink size="small" to="/t/$tenant/home" params={{ tenant: membership.tenant }}>
              {words.enter}
            </ButtonLink>
          </li>
        ))}
      </ul>
      {leaving && <Leaving membership={leaving} onClose={() => setLeaving(undefined)} />}
    </Card>
  )
}

function Leaving({
  membership: { tenant, tenantName },
  onClose,
}: {
  readonly membership: Account['memberships'][number]
  readonly onClose: () => void
}) {
  const leave = useChange('members.leave', {
    onDone: () => {
      showDone(words.left(tenantName))
      onClose()
    },
  })
  return (
    <Dialog
      open
      size="small"
      onClose={onClose}
      title={words.leaveTitle(tenantName)}
      note={words.leaveNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button look="danger" busy={leave.isPending} onClick={() => leave.mutate({ tenant })}>
            {words.leave}
          </Button>
        </>
      }
    />
  )
}
