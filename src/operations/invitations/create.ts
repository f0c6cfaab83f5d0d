import { z } from 'zod'

import { inviteMember } from '#auth/invite-member.ts'
import { assertMayGrant } from '#auth/role-grants.ts'
import { tenantSettings } from '#catalog/tenant-settings.ts'
import { emailField } from '#operations/account/account-fields.ts'
import { invitedData, toInvitedData } from '#operations/invitations/invitation-data.ts'
import { actorOf, roleField } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const createInvitation = defineOperation({
  name: 'invitations.create',
  summary: 'Ask somebody to become a member, by a link that works once and for a week',
  permission: 'admin',
  audit: ['email', 'role'],
  rest: { method: 'POST', path: '/v1/invitations' },
  argumentFields: ['email', 'role'],
  input: z.strictObject({ email: emailField, role: roleField }),
  output: invitedData,
  async handler({ email, role }, { parts, caller }) {
    const invited = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await assertMayGrant(session, caller, role)
      const { name: tenantName } = await tenantSettings(session)
      const inviter = caller.person?.email ?? tenantName
      const invitedBy = actorOf(caller)
      return inviteMember(parts, session, { email, role, invitedBy, inviter, tenantName })
    })
    return toInvitedData(invited)
  },
})
