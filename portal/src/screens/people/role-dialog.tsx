import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { Refusal } from '~/doors/door-form.tsx'
import type { Member } from '~/screens/people/member.ts'
import type { RoleRights } from '~/screens/people/permission-grid.ts'
import { RoleChoice } from '~/screens/people/role-choice.tsx'
import { common } from '~/texts/common.ts'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Dialog } from '~/ui/dialog.tsx'
import { showDone } from '~/ui/toast.tsx'

export function RoleDialog({
  member,
  rights,
  names,
  onClose,
}: {
  readonly member: Member
  readonly rights: ReadonlyMap<string, RoleRights>
  readonly names: readonly string[] | undefined
  readonly onClose: () => void
}) {
  const [role, setRole] = useState(member.role)
  const change = useChange('members.setRole', {
    quiet: true,
    onDone: () => {
      showDone(people.roleSet(member.name, role))
      onClose()
    },
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={people.roleTitle(member.name)}
      note={people.roleNote}
      actions={
        <>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button
            look="primary"
            busy={change.isPending}
            disabled={role === member.role}
            onClick={() => change.mutate({ member: member.id, role })}
          >
            {people.setRole}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <RoleChoice rights={rights} names={names} value={role} onChange={setRole} />
        {change.error && <Refusal error={change.error} />}
      </div>
    </Dialog>
  )
}
