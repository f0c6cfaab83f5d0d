import { z } from 'zod'

import { lockRole, removeRole, usersOfRole } from '#catalog/member-roles.ts'
import { MillraceError } from '#kernel/errors.ts'
import { assertGrants } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { ownRoleField } from '#operations/roles/role-data.ts'

export const removeRoleOperation = defineOperation({
  name: 'roles.remove',
  summary: 'Remove a role that nobody has',
  permission: 'admin',
  rest: { method: 'DELETE', path: '/v1/roles/{role}' },
  input: z.strictObject({ role: ownRoleField }),
  output: z.object({ removed: z.string() }),
  async handler({ role }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const former = await lockRole(session, role)
      if (!former) throw new MillraceError('role-unknown', { role })
      assertGrants(caller, former.permissions)
      const users = await usersOfRole(session, role)
      if (users.members + users.invitations + users.providers > 0) {
        throw new MillraceError('role-in-use', { role, ...users })
      }
      await removeRole(session, role)
    })
    return { removed: role }
  },
})
