import { z } from 'zod'

import { joinAs } from '#auth/join.ts'
import { tokenField } from '#operations/account/account-fields.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const joinByInvitation = definePersonOperation({
  name: 'invitations.join',
  summary: 'Accept an invitation with the account that you are signed in with',
  permission: 'person',
  // Notes itself in the log of the tenant that is joined, whichever one the session is at work for.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/invitations/join' },
  input: z.strictObject({ token: tokenField }),
  output: z.object({ tenant: z.string(), role: z.string() }),
  async handler({ token }, { parts, caller, door }) {
    const { userId: id, email } = caller.person
    const { invitation } = await joinAs(parts, { id, email }, token, door)
    return { tenant: invitation.tenant.slug, role: invitation.role }
  },
})
