import { z } from 'zod'

import { changeRole, lockRole } from '#catalog/member-roles.ts'
import { MillraceError } from '#kernel/errors.ts'
import { accessFields, accessOf, toAccessData } from '#operations/keys/access-input.ts'
import { assertGrants } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { ownRoleField, permissionsField, roleData } from '#operations/roles/role-data.ts'

export const setRole = defineOperation({
  name: 'roles.set',
  summary: 'Change what a role allows; it counts for its members within a second',
  permission: 'admin',
  audit: ['permissions', 'endpoints', 'columns', 'rows'],
  rest: { method: 'POST', path: '/v1/roles/{role}' },
  input: z.strictObject({ role: ownRoleField, permissions: permissionsField, ...accessFields }),
  output: roleData,
  async handler({ role, ...input }, { parts, caller }) {
    const permissions = [...new Set(input.permissions)]
    assertGrants(caller, permissions)
    const access = await accessOf(parts, caller, input)
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const former = await lockRole(session, role)
      if (!former) throw new MillraceError('role-unknown', { role })
      // What somebody may not give, he may not take away either.
      assertGrants(caller, former.permissions)
      await changeRole(session, role, { permissions, access })
    })
    return { name: role, permissions, access: toAccessData(access) }
  },
})
