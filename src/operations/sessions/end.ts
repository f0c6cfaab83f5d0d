import { z } from 'zod'

import { noteOfUser } from '#auth/people.ts'
import { endSession } from '#catalog/sessions.ts'
import { MillraceError } from '#kernel/errors.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const endSessionOperation = definePersonOperation({
  name: 'sessions.end',
  summary: 'End one of your sessions; it stops working within a second',
  permission: 'person',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/sessions/{session}/end' },
  input: z.strictObject({
    session: z
      .string()
      .min(1)
      .max(100)
      .meta({ names: 'session' })
      .describe('Id of the session, `ses_…`; `current`: the one that asks, which signs out.'),
  }),
  output: z.object({ session: z.string() }),
  async handler({ session: asked }, { parts, caller, door }) {
    const { userId, email, sessionId } = caller.person
    const id = asked === 'current' ? sessionId : asked
    const ended = await parts.catalog.asSystem(async (session) => {
      const was = await endSession(session, userId, id)
      if (was)
        await noteOfUser(session, { id: userId, email }, 'sessions.end', door, { session: id })
      return was
    })
    if (!ended) throw new MillraceError('session-unknown', { session: asked })
    if (id === sessionId) door.setSession(null)
    return { session: id }
  },
})
