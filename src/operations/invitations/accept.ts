import { z } from 'zod'

import { joinWithAccount } from '#auth/join.ts'
import { nameField, newPasswordField, tokenField } from '#operations/account/account-fields.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const acceptInvitationOperation = defineOpenOperation({
  name: 'invitations.accept',
  summary: 'Accept an invitation with a new account, and sign in',
  permission: 'anyone',
  // Notes itself in the log of the tenant that is joined.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/invitations/accept' },
  input: z.strictObject({ token: tokenField, name: nameField, password: newPasswordField }),
  output: z.object({
    userId: z.string(),
    sessionId: z.string(),
    expiresAt: z.iso.datetime(),
    tenant: z.string(),
    role: z.string(),
  }),
  async handler(input, { parts, door }) {
    const { userId, invitation, session } = await joinWithAccount(parts, input, door)
    door.setSession(session)
    const { tenant, role } = invitation
    return {
      userId,
      sessionId: session.id,
      expiresAt: session.expiresAt.toISOString(),
      tenant: tenant.slug,
      role,
    }
  },
})
