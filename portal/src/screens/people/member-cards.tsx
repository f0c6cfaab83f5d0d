import { PermissionWords } from '~/doors/permission-marks.tsx'
import { Seen } from '~/doors/seen.tsx'
import { MemberMenu } from '~/screens/people/member-columns.tsx'
import { LastSeen, MemberName } from '~/screens/people/member-name.tsx'
import type { Member, MemberDeed } from '~/screens/people/member.ts'
import type { RoleRights } from '~/screens/people/permission-grid.ts'
import { people } from '~/texts/people.ts'
import { Button } from '~/ui/button.tsx'

/** The same people where the window is too narrow for a table. */
export function MemberCards({
  members,
  rights,
  names,
  onDo,
  onMore,
}: {
  readonly members: readonly Member[]
  readonly rights: ReadonlyMap<string, RoleRights>
  readonly names: readonly string[] | undefined
  readonly onDo: (deed: MemberDeed) => void
  readonly onMore: (() => void) | undefined
}) {
  return (
    <>
      <ul aria-label={people.members}>
        {members.map((member) => {
          const role = rights.get(member.role)
          return (
            <li key={member.id} className="flex flex-col gap-2 border-b border-line px-4 py-3">
              <div className="flex items-start justify-between gap-2">
                <MemberName member={member} />
                <MemberMenu member={member} onDo={onDo} />
              </div>
              <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
                <span className="font-medium">{member.role}</span>
                <span className="text-xs text-faint">
                  <LastSeen member={member} />
                </span>
              </div>
              <PermissionWords permissions={role?.permissions ?? []} />
              {role?.access && (
                <span className="text-sm">
                  <Seen access={role.access} names={names} />
                </span>
              )}
            </li>
          )
        })}
      </ul>
      {onMore && (
        <div className="flex justify-center p-3">
          <Button onClick={onMore}>{people.more}</Button>
        </div>
      )}
    </>
  )
}
