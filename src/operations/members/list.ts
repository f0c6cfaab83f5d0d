import { z } from 'zod'

import { pageMembers } from '#catalog/members.ts'
import { pageFields } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listMembers = defineOperation({
  name: 'members.list',
  summary: 'People of the tenant, with their roles',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/members' },
  input: z.strictObject(pageFields('the page')),
  output: z.object({
    members: z.array(
      z.object({
        id: z.string(),
        email: z.string(),
        name: z.string(),
        role: z.string(),
        since: z.iso.datetime(),
        invitedBy: z.string().nullable(),
        /** When last at work for this tenant, to the minute; null: not within the last weeks. */
        seenAt: z.iso.datetime().nullable(),
        hasTotp: z.boolean(),
        isDisabled: z.boolean(),
        /** The provider that signs this person in; null: signs in with a password. */
        provider: z.string().nullable(),
      }),
    ),
    /** For `after`; null: there are no more. */
    next: z.string().nullable(),
  }),
  async handler({ after, limit }, { parts, caller }) {
    const members = await parts.catalog.asTenant(caller.tenant, (session) =>
      pageMembers(session, after, limit),
    )
    return {
      members: members.map(({ userId, since, seenAt, providerId, ...member }) => ({
        id: userId,
        ...member,
        since: since.toISOString(),
        seenAt: seenAt?.toISOString() ?? null,
        provider: providerId,
      })),
      next: members.length === limit ? (members.at(-1)?.userId ?? null) : null,
    }
  },
})
