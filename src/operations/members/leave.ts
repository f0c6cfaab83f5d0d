import { z } from 'zod'

import { leave } from '#auth/role-grants.ts'
import { appendAudit } from '#catalog/audit.ts'
import { membershipsOf } from '#catalog/memberships.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { actorOf } from '#operations/members/member-data.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const leaveTenant = definePersonOperation({
  name: 'members.leave',
  summary: 'Leave a tenant that you are a member of',
  permission: 'person',
  // Notes itself in the log of the tenant that is left, whichever one the session is at work for.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/account/memberships/{tenant}/leave' },
  input: z.strictObject({
    tenant: z.string().min(1).max(60).meta({ names: 'tenant' }).describe('The tenant to leave.'),
  }),
  output: z.object({ left: z.string() }),
  async handler({ tenant: slug }, { parts, caller, door }) {
    const { userId } = caller.person
    const memberships = await parts.catalog.asSystem((session) => membershipsOf(session, userId))
    const membership = memberships.find(({ tenant }) => tenant.slug === slug)
    if (!membership) throw new MillraceError('tenant-unknown', { tenant: slug })
    await parts.catalog.asTenant(membership.tenant, async (session) => {
      await leave(session, userId)
      const detail = canonicalJson({ member: userId })
      const { requestId } = door
      const actor = actorOf(caller)
      await appendAudit(session, { actor, action: 'members.leave', detail, requestId })
    })
    return { left: slug }
  },
})
