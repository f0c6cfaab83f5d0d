import { Plus } from 'lucide-react'
import { useState } from 'react'

import { useOperation } from '~/api/operation.ts'
import { PermissionWords } from '~/doors/permission-marks.tsx'
import { Seen, useThings } from '~/doors/seen.tsx'
import type { OwnRole } from '~/screens/people/own-role.ts'
import { RemoveRole } from '~/screens/people/remove-role.tsx'
import { RoleEditor } from '~/screens/people/role-editor.tsx'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'
import { Card } from '~/ui/card.tsx'
import { Answer } from '~/ui/states.tsx'

/** What each role allows; those of every tenant cannot be changed. */
export function Roles() {
  const roles = useOperation('roles.list', { limit: 1000 })
  const names = useThings()?.map(({ name }) => name)
  const [editing, setEditing] = useState<OwnRole | 'new'>()
  const [removing, setRemoving] = useState<OwnRole>()
  return (
    <Card
      flush
      actions={
        <Button
          size="small"
          icon={<Plus size={14} />}
          operation="roles.create"
          onClick={() => setEditing('new')}
        >
          {people.newRole}
        </Button>
      }
    >
      <Answer of={roles}>
        {({ builtIn, roles: own }) => (
          <ul>
            {builtIn.map(({ name, permissions }) => (
              <li
                key={name}
                className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3"
              >
                <RoleName name={name} note={people.builtIn} />
                <div className="mr-auto">
                  <PermissionWords permissions={permissions} />
                </div>
              </li>
            ))}
            {own.map((role) => (
              <li
                key={role.name}
                className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3"
              >
                <RoleName name={role.name} note={people.memberCount(role.members)} />
                <div className="mr-auto flex min-w-0 flex-col gap-1.5">
                  <PermissionWords permissions={role.permissions} />
                  <span className="text-xs">
                    <Seen access={role.access} names={names} />
                  </span>
                </div>
                <Button
                  size="small"
                  operation="roles.set"
                  aria-label={`${people.edit}: ${role.name}`}
                  onClick={() => setEditing(role)}
                >
                  {people.edit}
                </Button>
                <Button
                  size="small"
                  look="danger"
                  operation="roles.remove"
                  disabled={role.members > 0}
                  title={role.members > 0 ? people.roleInUse : undefined}
                  aria-label={`${people.removeRole}: ${role.name}`}
                  onClick={() => setRemoving(role)}
                >
                  {people.remove}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Answer>
      {editing !== undefined && (
        <RoleEditor
          role={editing === 'new' ? null : editing}
          onClose={() => setEditing(undefined)}
        />
      )}
      {removing && <RemoveRole role={removing.name} onClose={() => setRemoving(undefined)} />}
    </Card>
  )
}

function RoleName({ name, note }: { readonly name: string; readonly note: string }) {
  return (
    <div className="w-full min-w-0 sm:w-44">
      <p className="truncate text-sm font-medium" title={name}>
        {name}
      </p>
      <p className="text-xs text-faint">{note}</p>
    </div>
  )
}
