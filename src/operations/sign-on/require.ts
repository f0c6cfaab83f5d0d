import { z } from 'zod'

import { listProviders, setSignOnRequired } from '#catalog/identity-providers.ts'
import { MillraceError } from '#kernel/errors.ts'
import { actorOf } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const requireSignOn = defineOperation({
  name: 'sign-on.require',
  summary:
    'Let members other than owners in by the providers of the tenant only, or by passwords, too',
  permission: 'owner',
  audit: ['required'],
  rest: { method: 'POST', path: '/v1/sign-on' },
  argumentFields: ['required'],
  input: z.strictObject({
    required: z
      .boolean()
      .describe('True: passwords of members do not count here, but those of owners.'),
  }),
  output: z.object({ required: z.boolean() }),
  async handler({ required }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      if (required && (await listProviders(session)).length === 0) {
        throw new MillraceError('sign-on-none')
      }
      await setSignOnRequired(session, required, actorOf(caller))
    })
    return { required }
  },
})
