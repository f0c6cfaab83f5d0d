import { z } from 'zod'

import { removeAuthenticator } from '#auth/authenticator.ts'
import { codeField, passwordField } from '#operations/account/account-fields.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const removeTotpOperation = definePersonOperation({
  name: 'account.totp-remove',
  summary: 'No longer ask for one-time codes',
  permission: 'person',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/account/totp/remove' },
  input: z.strictObject({ password: passwordField, code: codeField }),
  output: z.object({}),
  async handler(input, { parts, caller, door }) {
    await removeAuthenticator(parts, caller.person.userId, input, door)
    return {}
  },
})
