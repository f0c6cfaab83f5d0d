import { z } from 'zod'

import { listSessions } from '#catalog/sessions.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const listSessionsOperation = definePersonOperation({
  name: 'sessions.list',
  summary: 'Your sessions: where you are signed in',
  permission: 'person',
  rest: { method: 'GET', path: '/v1/sessions' },
  input: z.strictObject({}),
  output: z.object({
    sessions: z.array(
      z.object({
        id: z.string(),
        /** The one that asks. */
        current: z.boolean(),
        createdAt: z.iso.datetime(),
        /** Exact to the minute. */
        seenAt: z.iso.datetime(),
        expiresAt: z.iso.datetime(),
        address: z.string().nullable(),
        agent: z.string().nullable(),
      }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const { userId, sessionId } = caller.person
    const sessions = await parts.catalog.asSystem((session) => listSessions(session, userId))
    return {
      sessions: sessions.map(({ id, createdAt, seenAt, expiresAt, address, agent }) => ({
        id,
        current: id === sessionId,
        createdAt: createdAt.toISOString(),
        seenAt: seenAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
        address,
        agent,
      })),
    }
  },
})
