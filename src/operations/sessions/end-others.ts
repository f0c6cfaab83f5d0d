import { z } from 'zod'

import { noteOfUser } from '#auth/people.ts'
import { endSessions } from '#catalog/sessions.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const endOtherSessionsOperation = definePersonOperation({
  name: 'sessions.end-others',
  summary: 'End all of your sessions but this one',
  permission: 'person',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/sessions/end-others' },
  input: z.strictObject({}),
  output: z.object({ ended: z.int() }),
  async handler(_input, { parts, caller, door }) {
    const { userId, email, sessionId } = caller.person
    const ended = await parts.catalog.asSystem(async (session) => {
      const count = await endSessions(session, userId, sessionId)
      if (count > 0) await noteOfUser(session, { id: userId, email }, 'sessions.end-others', door)
      return count
    })
    return { ended }
  },
})
