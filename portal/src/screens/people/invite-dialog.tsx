import { useState } from 'react'

import { useChange, useOperation } from '~/api/operation.ts'
import { DoorForm } from '~/doors/door-form.tsx'
import { useThings } from '~/doors/seen.tsx'
import { LinkDialog } from '~/screens/people/link-dialog.tsx'
import { rightsByRole } from '~/screens/people/permission-grid.ts'
import { RoleChoice } from '~/screens/people/role-choice.tsx'
import { people } from '~/texts/people.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { Answer } from '~/ui/states.tsx'
import { showDone } from '~/ui/toast.tsx'

export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const [email, setEmail] = useState('')
  const [role, setRole] = useState('viewer')
  const roles = useOperation('roles.list', { limit: 1000 })
  const names = useThings()?.map(({ name }) => name)
  const invite = useChange('invitations.create', {
    quiet: true,
    onDone: ({ link, email: invited }) => {
      if (link !== null) return
      showDone(people.invited(invited))
      onClose()
    },
  })
  const link = invite.data?.link
  if (link != null) return <LinkDialog link={link} onClose={onClose} />
  return (
    <Dialog open onClose={onClose} title={people.inviteTitle} note={people.inviteNote}>
      <DoorForm
        submit={people.sendInvitation}
        busy={invite.isPending}
        error={invite.error}
        onSubmit={() => invite.mutate({ email: email.trim(), role })}
      >
        <TextField
          label={people.email}
          name="email"
          type="email"
          required
          maxLength={300}
          autoFocus
          value={email}
          onChange={setEmail}
        />
        <Answer of={roles}>
          {(known) => (
            <RoleChoice
              rights={rightsByRole(known)}
              names={names}
              value={role}
              onChange={setRole}
            />
          )}
        </Answer>
      </DoorForm>
    </Dialog>
  )
}
