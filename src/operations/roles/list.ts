import { z } from 'zod'

import { pageRoles } from '#catalog/member-roles.ts'
import { builtInRoles } from '#model/role.ts'
import { toAccessData } from '#operations/keys/access-input.ts'
import { pageFields } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { roleData } from '#operations/roles/role-data.ts'

export const listRoles = defineOperation({
  name: 'roles.list',
  summary: 'Roles of every tenant, and those that this one has made',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/roles' },
  input: z.strictObject(pageFields('the page')),
  output: z.object({
    builtIn: z.array(z.object({ name: z.string(), permissions: z.array(z.string()) })),
    roles: z.array(
      z.object({
        ...roleData.shape,
        members: z.int(),
        createdAt: z.iso.datetime(),
        createdBy: z.string(),
      }),
    ),
    /** For `after`; null: there are no more. */
    next: z.string().nullable(),
  }),
  async handler({ after, limit }, { parts, caller }) {
    const roles = await parts.catalog.asTenant(caller.tenant, (session) =>
      pageRoles(session, after, limit),
    )
    return {
      builtIn: Object.entries(builtInRoles).map(([name, permissions]) => ({
        name,
        permissions: [...permissions],
      })),
      roles: roles.map((role) => ({
        ...role,
        permissions: [...role.permissions],
        access: toAccessData(role.access),
        createdAt: role.createdAt.toISOString(),
      })),
      next: roles.length === limit ? (roles.at(-1)?.name ?? null) : null,
    }
  },
})
