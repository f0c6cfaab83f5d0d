import { z } from 'zod'

import { confirmAuthenticator } from '#auth/authenticator.ts'
import { codeField } from '#operations/account/account-fields.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const confirmTotpOperation = definePersonOperation({
  name: 'account.totp-confirm',
  summary: 'Have signing in ask for a one-time code; the answer shows the recovery codes once',
  permission: 'person',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/account/totp/confirm' },
  input: z.strictObject({ code: codeField }),
  output: z.object({ recoveryCodes: z.array(z.string()) }),
  async handler({ code }, { parts, caller, door }) {
    const { userId } = caller.person
    const { recoveryCodes, session } = await confirmAuthenticator(parts, userId, code, door)
    door.setSession(session)
    return { recoveryCodes }
  },
})
