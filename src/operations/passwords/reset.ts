import { z } from 'zod'

import { resetPassword } from '#auth/password-reset.ts'
import { newPasswordField, tokenField } from '#operations/account/account-fields.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const resetPasswordOperation = defineOpenOperation({
  name: 'passwords.reset',
  summary: 'Choose a new password by a link; all sessions of the account end',
  permission: 'anyone',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/passwords/reset' },
  input: z.strictObject({ token: tokenField, password: newPasswordField }),
  output: z.object({}),
  async handler(input, { parts, door }) {
    await resetPassword(parts, input, door)
    return {}
  },
})
