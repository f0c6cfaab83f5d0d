import { z } from 'zod'

import { changePassword } from '#auth/own-account.ts'
import { newPasswordField, passwordField } from '#operations/account/account-fields.ts'
import { definePersonOperation } from '#operations/operation.ts'

export const changePasswordOperation = definePersonOperation({
  name: 'account.password',
  summary: 'Change your password; all sessions end, this one goes on under a new token',
  permission: 'person',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/account/password' },
  input: z.strictObject({ password: passwordField, newPassword: newPasswordField }),
  output: z.object({ sessionId: z.string() }),
  async handler(input, { parts, caller, door }) {
    const session = await changePassword(parts, caller.person.userId, input, door)
    door.setSession(session)
    return { sessionId: session.id }
  },
})
