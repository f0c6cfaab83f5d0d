import { z } from 'zod'

import { addRole } from '#catalog/member-roles.ts'
import { MillraceError } from '#kernel/errors.ts'
import { accessFields, accessOf, toAccessData } from '#operations/keys/access-input.ts'
import { assertGrants } from '#operations/keys/key-data.ts'
import { actorOf } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { newRoleField, permissionsField, roleData } from '#operations/roles/role-data.ts'

export const createRole = defineOperation({
  name: 'roles.create',
  summary: 'Make a role of the tenant: what its members may do, and what of the data they see',
  permission: 'admin',
  audit: ['name', 'permissions', 'endpoints', 'columns', 'rows'],
  rest: { method: 'POST', path: '/v1/roles' },
  argumentFields: ['name'],
  input: z.strictObject({ name: newRoleField, permissions: permissionsField, ...accessFields }),
  output: roleData,
  async handler({ name, ...input }, { parts, caller }) {
    const permissions = [...new Set(input.permissions)]
    assertGrants(caller, permissions)
    const access = await accessOf(parts, caller, input)
    const isAdded = await parts.catalog.asTenant(caller.tenant, (session) =>
      addRole(session, name, { permissions, access }, actorOf(caller)),
    )
    if (!isAdded) throw new MillraceError('role-exists', { role: name })
    return { name, permissions, access: toAccessData(access) }
  },
})
