import { z } from 'zod'

import { dropAuthenticator } from '#auth/staff.ts'
import { emailField, toEmail } from '#operations/account/account-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const dropTotpOfUser = defineOperation({
  name: 'users.drop-totp',
  summary: 'Ask an account for no one-time codes any more, whose owner has lost them all',
  permission: 'operator',
  audit: ['email'],
  rest: { method: 'POST', path: '/v1/users/drop-totp' },
  argumentFields: ['email'],
  input: z.strictObject({ email: emailField }),
  output: z.object({ userId: z.string() }),
  async handler(input, { parts, caller, door }) {
    const act = { email: toEmail(input.email), by: caller.name }
    return { userId: await dropAuthenticator(parts, act, door) }
  },
})
