import { useState } from 'react'

import { useChange } from '~/api/operation.ts'
import { draftOf, everything, fieldsOf } from '~/doors/access-draft.ts'
import { AccessEditor } from '~/doors/access-editor.tsx'
import { DoorForm } from '~/doors/door-form.tsx'
import { PermissionChecklist } from '~/doors/permission-checklist.tsx'
import type { OwnRole } from '~/screens/people/own-role.ts'
import { people } from '~/texts/people.ts'
import { Dialog } from '~/ui/dialog.tsx'
import { TextField } from '~/ui/field.tsx'
import { showDone } from '~/ui/toast.tsx'

const offered = ['read', 'export', 'write', 'run', 'admin'] as const
type Offered = (typeof offered)[number]

/** What members of a role may do, and what of the data they see. */
export function RoleEditor({
  role,
  onClose,
}: {
  /** Null: a new one. */
  readonly role: OwnRole | null
  readonly onClose: () => void
}) {
  const [name, setName] = useState(role?.name ?? '')
  const [chosen, setChosen] = useState<ReadonlySet<Offered>>(
    () =>
      new Set(
        offered.filter((one) => (role === null ? one === 'read' : role.permissions.includes(one))),
      ),
  )
  const [draft, setDraft] = useState(() => (role === null ? everything : draftOf(role.access)))
  const onDone = () => {
    showDone(people.roleSaved(name.trim()))
    onClose()
  }
  const create = useChange('roles.create', { quiet: true, onDone })
  const set = useChange('roles.set', { quiet: true, onDone })
  const save = () => {
    const rights = { permissions: [...chosen], ...fieldsOf(draft) }
    if (role === null) create.mutate({ name: name.trim(), ...rights })
    else set.mutate({ role: role.name, ...rights })
  }
  return (
    <Dialog
      open
      onClose={onClose}
      title={role === null ? people.newRoleTitle : people.editRoleTitle(role.name)}
      note={role === null ? undefined : people.editRoleNote(role.members)}
    >
      <DoorForm
        submit={people.saveRole}
        busy={create.isPending || set.isPending}
        error={create.error ?? set.error}
        onSubmit={save}
      >
        {role === null && (
          <TextField
            label={people.roleName}
            name="role"
            required
            maxLength={60}
            autoFocus
            value={name}
            onChange={setName}
          />
        )}
        <PermissionChecklist
          label={people.permissions}
          offered={offered}
          chosen={chosen}
          onChange={setChosen}
        />
        <AccessEditor draft={draft} onChange={setDraft} />
      </DoorForm>
    </Dialog>
  )
}
