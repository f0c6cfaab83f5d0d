import { z } from 'zod'

import { pageInvitations } from '#catalog/invitations.ts'
import { pageFields } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listInvitations = defineOperation({
  name: 'invitations.list',
  summary: 'Invitations that nobody has accepted yet',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/invitations' },
  input: z.strictObject(pageFields('the page')),
  output: z.object({
    invitations: z.array(
      z.object({
        id: z.string(),
        email: z.string(),
        role: z.string(),
        invitedBy: z.string(),
        createdAt: z.iso.datetime(),
        expiresAt: z.iso.datetime(),
        isExpired: z.boolean(),
      }),
    ),
    /** For `after`; null: there are no more. */
    next: z.string().nullable(),
  }),
  async handler({ after, limit }, { parts, caller }) {
    const invitations = await parts.catalog.asTenant(caller.tenant, (session) =>
      pageInvitations(session, after, limit),
    )
    return {
      invitations: invitations.map((invitation) => ({
        ...invitation,
        createdAt: invitation.createdAt.toISOString(),
        expiresAt: invitation.expiresAt.toISOString(),
      })),
      next: invitations.length === limit ? (invitations.at(-1)?.id ?? null) : null,
    }
  },
})
