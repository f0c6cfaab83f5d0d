import { z } from 'zod'

import { dismissMember } from '#auth/role-grants.ts'
import { memberField } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const removeMemberOperation = defineOperation({
  name: 'members.remove',
  summary: 'Take somebody out of the tenant; within a second they can do nothing there any more',
  permission: 'admin',
  rest: { method: 'DELETE', path: '/v1/members/{member}' },
  input: z.strictObject({ member: memberField }),
  output: z.object({ removed: z.string() }),
  async handler({ member }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, (session) => dismissMember(session, caller, member))
    return { removed: member }
  },
})
