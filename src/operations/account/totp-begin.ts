import { z } from 'zod'

import { beginAuthenticator } from '#auth/authenticator.ts'
import { passwordField } from '#operations/account/account-fields.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const beginTotpOperation = definePersonOperation({
  name: 'account.totp-begin',
  summary:
    'Make a secret for your authenticator; it counts once `account.totp-confirm` has seen a code',
  permission: 'person',
  // Nothing counts yet.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/account/totp' },
  input: z.strictObject({ password: passwordField }),
  output: z.object({
    /** Base 32, to be typed. */
    secret: z.string(),
    /** `otpauth://…`, to be scanned. */
    uri: z.string(),
  }),
  handler: ({ password }, { parts, caller, door }) =>
    beginAuthenticator(parts, caller.person.userId, password, door),
})
