import { z } from 'zod'

import { inviteAgain } from '#auth/invite-member.ts'
import { assertMayGrant } from '#auth/role-grants.ts'
import { lockInvitation } from '#catalog/invitations.ts'
import { tenantSettings } from '#catalog/tenant-settings.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  invitationField,
  invitedData,
  toInvitedData,
} from '#operations/invitations/invitation-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const resendInvitation = defineOperation({
  name: 'invitations.resend',
  summary: 'Send an invitation again with a new link; the former one is dead',
  permission: 'admin',
  rest: { method: 'POST', path: '/v1/invitations/{invitation}/resend' },
  input: z.strictObject({ invitation: invitationField }),
  output: invitedData,
  async handler({ invitation }, { parts, caller }) {
    const invited = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const open = await lockInvitation(session, invitation)
      if (!open) throw new MillraceError('invitation-unknown', { invitation })
      // Whoever sees the link could use it: it must not give more than he could.
      await assertMayGrant(session, caller, open.role)
      const { name } = await tenantSettings(session)
      return inviteAgain(parts, session, invitation, caller.person?.email ?? name, name)
    })
    return toInvitedData(invited)
  },
})
