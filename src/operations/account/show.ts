import { z } from 'zod'

import { membershipsOf } from '#catalog/memberships.ts'
import { userById } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'
import { isCaller } from '#operations/invoke.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const showAccountOperation = definePersonOperation({
  name: 'account.show',
  summary: 'Who you are, and where you are a member',
  permission: 'person',
  rest: { method: 'GET', path: '/v1/account' },
  input: z.strictObject({}),
  output: z.object({
    userId: z.string(),
    email: z.string(),
    name: z.string(),
    sessionId: z.string(),
    isOperator: z.boolean(),
    hasPassword: z.boolean(),
    /** Since when one-time codes are asked for. */
    totpSince: z.iso.datetime().nullable(),
    recoveryCodesLeft: z.int(),
    /** The tenant that this session is at work for, and what you may do there. */
    tenant: z.string().nullable(),
    permissions: z.array(z.string()),
    /** For an operator who looks at that tenant as a role of it does, see `tenants.view-as`. */
    viewing: z.object({ role: z.string(), until: z.iso.datetime() }).nullable(),
    memberships: z.array(
      z.object({
        tenant: z.string(),
        tenantName: z.string(),
        role: z.string(),
        since: z.iso.datetime(),
      }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const { userId, sessionId } = caller.person
    const { user, memberships } = await parts.catalog.asSystem(async (session) => ({
      user: await userById(session, userId),
      memberships: await membershipsOf(session, userId),
    }))
    if (!user) throw new MillraceError('unauthenticated')
    const { viewing = null } = isCaller(caller) ? caller : {}
    return {
      userId,
      email: user.email,
      name: user.name,
      sessionId,
      isOperator: user.isOperator,
      hasPassword: user.password !== null,
      totpSince: user.totpAt?.toISOString() ?? null,
      recoveryCodesLeft: user.recoveryLeft,
      tenant: isCaller(caller) ? caller.tenant.slug : null,
      permissions: isCaller(caller) ? [...caller.permissions] : [],
      viewing: viewing && { role: viewing.role, until: viewing.until.toISOString() },
      memberships: memberships.map(({ tenant, tenantName, role, createdAt }) => ({
        tenant: tenant.slug,
        tenantName,
        role,
        since: createdAt.toISOString(),
      })),
    }
  },
})
