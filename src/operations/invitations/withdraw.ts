import { z } from 'zod'

import { withdrawInvitation } from '#catalog/invitations.ts'
import { MillraceError } from '#kernel/errors.ts'
import { invitationField } from '#operations/invitations/invitation-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const withdrawInvitationOperation = defineOperation({
  name: 'invitations.withdraw',
  summary: 'Take an invitation back: its link is dead',
  permission: 'admin',
  rest: { method: 'DELETE', path: '/v1/invitations/{invitation}' },
  input: z.strictObject({ invitation: invitationField }),
  output: z.object({ withdrawn: z.string() }),
  async handler({ invitation }, { parts, caller }) {
    const isWithdrawn = await parts.catalog.asTenant(caller.tenant, (session) =>
      withdrawInvitation(session, invitation),
    )
    if (!isWithdrawn) throw new MillraceError('invitation-unknown', { invitation })
    return { withdrawn: invitation }
  },
})
