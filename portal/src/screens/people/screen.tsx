import { UserPlus } from 'lucide-react'
import { useState } from 'react'

import { useOperation } from '~/api/operation.ts'
import { useAddressState } from '~/browser/address.ts'
import { Invitations } from '~/screens/people/invitations.tsx'
import { InviteDialog } from '~/screens/people/invite-dialog.tsx'
import { Members } from '~/screens/people/members.tsx'
import { Roles } from '~/screens/people/roles.tsx'
import { SignOn } from '~/screens/people/sign-on.tsx'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Page } from '~/ui/page.tsx'
import { Tabs } from '~/ui/segments.tsx'

type Tab = keyof typeof people.tabs

const allTabs = ['members', 'invitations', 'roles', 'signOn'] as const

const calls = {
  members: { operation: 'members.list', input: {} },
  invitations: { operation: 'invitations.list', input: {} },
  roles: { operation: 'roles.list', input: {} },
  signOn: { operation: 'identityProviders.list', input: {} },
} as const

export function Screen() {
  const [tab, setTab] = useAddressState<Tab>('tab', 'members', allTabs)
  const [isInviting, setInviting] = useState(false)
  const invitations = useOperation('invitations.list', { limit: 1000 })
  const roles = useOperation('roles.list', { limit: 1000 })
  const tabs = [
    { value: 'members', label: people.tabs.members },
    {
      value: 'invitations',
      label: people.tabs.invitations,
      count: invitations.data?.invitations.length,
    },
    {
      value: 'roles',
      label: people.tabs.roles,
      count: roles.data && roles.data.builtIn.length + roles.data.roles.length,
    },
    { value: 'signOn', label: people.tabs.signOn },
  ] as const
  return (
    <Page
      title={people.title}
      note={people.note}
      copy={{ call: calls[tab] }}
      actions={
        <Button
          look="primary"
          icon={<UserPlus size={15} />}
          operation="invitations.create"
          onClick={() => setInviting(true)}
        >
          {people.invite}
        </Button>
      }
    >
      <Tabs label={people.views} value={tab} onChange={setTab} tabs={tabs}>
        {tab === 'members' && <Members />}
        {tab === 'invitations' && <Invitations />}
        {tab === 'roles' && <Roles />}
        {tab === 'signOn' && <SignOn />}
      </Tabs>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  )
}
