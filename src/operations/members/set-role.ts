import { z } from 'zod'

import { changeRoleOf } from '#auth/role-grants.ts'
import { memberField, roleField } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const setRoleOfMember = defineOperation({
  name: 'members.set-role',
  summary: 'Give a member another role; it counts within a second',
  permission: 'admin',
  audit: ['role'],
  rest: { method: 'POST', path: '/v1/members/{member}/role' },
  argumentFields: ['role'],
  input: z.strictObject({ member: memberField, role: roleField }),
  output: z.object({ member: z.string(), role: z.string() }),
  async handler({ member, role }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) =>
      changeRoleOf(session, caller, member, role),
    )
    return { member, role }
  },
})
