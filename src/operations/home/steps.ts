import { z } from 'zod'

import { stepsTaken } from '#catalog/home.ts'
import { pageInvitations } from '#catalog/invitations.ts'
import { listKeys } from '#catalog/keys.ts'
import { pageMembers } from '#catalog/members.ts'
import { defineOperation } from '#operations/operation.ts'

/** A first key was made along with the tenant. */
const KEYS_GIVEN = 1

export const homeSteps = defineOperation({
  name: 'home.steps',
  summary: 'Which of the first steps of a tenant have been taken',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/home/steps' },
  input: z.strictObject({}),
  output: z.object({
    steps: z.array(
      z.object({ step: z.enum(['source', 'data', 'run', 'key', 'colleague']), done: z.boolean() }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const taken = await parts.catalog.asTenant(caller.tenant, stepsTaken)
    const people = await parts.directory.asTenant(caller.tenant, async (session) => {
      const asked = { onlyWorking: true, limit: KEYS_GIVEN + 1 }
      const keys = await listKeys(session, asked)
      const members = await pageMembers(session, '', 2)
      const invited = await pageInvitations(session, '', 1)
      return { key: keys.length > KEYS_GIVEN, colleague: members.length > 1 || invited.length > 0 }
    })
    const done = { ...taken, ...people }
    const order = ['source', 'data', 'run', 'key', 'colleague'] as const
    return { steps: order.map((step) => ({ step, done: done[step] })) }
  },
})
