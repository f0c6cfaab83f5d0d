import { Users } from 'lucide-react'
import { useMemo, useState } from 'react'

import { useOperation, useOperationPages } from '~/api/operation.ts'
import { useThings } from '~/doors/seen.tsx'
import { memberColumns } from '~/screens/people/member-columns.tsx'
import { MemberCards } from '~/screens/people/member-cards.tsx'
import type { MemberDeed } from '~/screens/people/member.ts'
import { holdersOf, rightsByRole } from '~/screens/people/permission-grid.ts'
import { RemoveMember } from '~/screens/people/remove-member.tsx'
import { RoleDialog } from '~/screens/people/role-dialog.tsx'
import { people } from '~/texts/people.ts'
import { Card } from '~/ui/card.tsx'
import { DataTable } from '~/ui/data-table.tsx'
import { Answer, Empty } from '~/ui/states.tsx'

/** People and permissions as one picture: a row is a person, a column is what they may do. */
export function Members() {
  const pages = useOperationPages('members.list', { limit: 200 }, { cursorField: 'after' })
  const roles = useOperation('roles.list', { limit: 1000 })
  const names = useThings()?.map(({ name }) => name)
  const [doing, setDoing] = useState<MemberDeed>()
  const members = useMemo(
    () => pages.data?.pages.flatMap((page) => page.members) ?? [],
    [pages.data],
  )
  return (
    <Card flush>
      <Answer of={pages}>
        {() => (
          <Answer of={roles}>
            {(known) => {
              if (members.length === 0) {
                return (
                  <Empty title={people.empty} icon={<Users size={22} />}>
                    {people.emptyHint}
                  </Empty>
                )
              }
              const rights = rightsByRole(known)
              const holders = holdersOf(members, rights)
              return (
                <>
                  <div className="hidden sm:block">
                    <DataTable
                      label={people.members}
                      columns={memberColumns({ rights, holders, names, onDo: setDoing })}
                      rows={members}
                      rowKey={({ id }) => id}
                      rowHeight={52}
                      height="calc(100dvh - 16rem)"
                      onEnd={() => void (pages.hasNextPage && pages.fetchNextPage())}
                    />
                  </div>
                  <div className="sm:hidden">
                    <MemberCards
                      members={members}
                      rights={rights}
                      names={names}
                      onDo={setDoing}
                      onMore={pages.hasNextPage ? () => void pages.fetchNextPage() : undefined}
                    />
                  </div>
                  {doing?.deed === 'role' && (
                    <RoleDialog
                      member={doing.member}
                      rights={rights}
                      names={names}
                      onClose={() => setDoing(undefined)}
                    />
                  )}
                  {doing?.deed === 'remove' && (
                    <RemoveMember member={doing.member} onClose={() => setDoing(undefined)} />
                  )}
                </>
              )
            }}
          </Answer>
        )}
      </Answer>
    </Card>
  )
}
