import { Ellipsis } from 'lucide-react'

import { PermissionMark } from '~/doors/permission-marks.tsx'
import { Seen } from '~/doors/seen.tsx'
import { LastSeen, MemberName } from '~/screens/people/member-name.tsx'
import type { Member, MemberDeed } from '~/screens/people/member.ts'
import {
  gridPermissions,
  type GridPermission,
  type RoleRights,
} from '~/screens/people/permission-grid.ts'
import { common } from '~/texts/common.ts'
import { doors } from '~/texts/doors.ts'
import { people } from '~/texts/people.ts'
import { IconButton } from '~/ui/button.tsx'
import type { Column } from '~/ui/data-table.tsx'
import { Menu } from '~/ui/menu.tsx'

interface Given {
  readonly rights: ReadonlyMap<string, RoleRights>
  readonly holders: Readonly<Record<GridPermission, number>>
  readonly names: readonly string[] | undefined
  readonly onDo: (deed: MemberDeed) => void
}

export function memberColumns({ rights, holders, names, onDo }: Given): Column<Member>[] {
  return [
    {
      id: 'person',
      title: people.person,
      width: 'auto',
      sortBy: ({ name }) => name.toLowerCase(),
      cell: (member) => <MemberName member={member} />,
    },
    {
      id: 'role',
      title: people.role,
      width: 120,
      sortBy: ({ role }) => role,
      cell: ({ role }) => role,
    },
    ...gridPermissions.map((permission): Column<Member> => ({
      id: permission,
      title: (
        <span title={people.mayCount(holders[permission], doors.permissionHints[permission])}>
          {doors.permissions[permission]}{' '}
          <span className="font-normal text-faint">{holders[permission]}</span>
        </span>
      ),
      width: permission === 'admin' ? 112 : 80,
      cell: ({ name, role }) => (
        <PermissionMark
          permission={permission}
          held={rights.get(role)?.permissions.has(permission) ?? false}
          who={name}
        />
      ),
    })),
    {
      id: 'sees',
      title: people.sees,
      width: 180,
      cell: ({ role }) => <Seen access={rights.get(role)?.access ?? null} names={names} />,
    },
    {
      id: 'seen',
      title: people.seen,
      width: 130,
      sortBy: ({ seenAt }) => seenAt ?? '',
      cell: (member) => <LastSeen member={member} />,
    },
    {
      id: 'actions',
      title: <span className="sr-only">{common.more}</span>,
      width: 56,
      align: 'right',
      cell: (member) => <MemberMenu member={member} onDo={onDo} />,
    },
  ]
}

export function MemberMenu({
  member,
  onDo,
}: {
  readonly member: Member
  readonly onDo: (deed: MemberDeed) => void
}) {
  return (
    <Menu
      trigger={
        <IconButton label={people.actions(member.name)}>
          <Ellipsis size={16} />
        </IconButton>
      }
      items={[
        {
          label: people.changeRole,
          operation: 'members.setRole',
          onSelect: () => onDo({ member, deed: 'role' }),
        },
        {
          label: people.remove,
          operation: 'members.remove',
          danger: true,
          onSelect: () => onDo({ member, deed: 'remove' }),
        },
      ]}
    />
  )
}
