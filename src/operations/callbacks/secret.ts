import { z } from 'zod'

import { callbackSecret } from '#catalog/background-handlers.ts'
import { defineOperation } from '#operations/operation.ts'
import { mintSecret } from '#tasks/signed-message.ts'

export const showCallbackSecret = defineOperation({
  name: 'callbacks.secret',
  summary: "The secret that signs the tenant's callbacks, made when it is first asked for",
  permission: 'run',
  rest: { method: 'POST', path: '/v1/callbacks/secret' },
  input: z.strictObject({
    replace: z.boolean().default(false).describe('Make another one; the former one ends.'),
  }),
  output: z.object({ secret: z.string() }),
  async handler({ replace }, { parts, caller }) {
    const fresh = mintSecret(parts.random)
    const secret = await parts.catalog.asTenant(caller.tenant, (session) =>
      callbackSecret(session, fresh, replace),
    )
    return { secret }
  },
})
