import { z } from 'zod'

import { shutAccount } from '#auth/staff.ts'
import { emailField, toEmail } from '#operations/account/account-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const enableUser = defineOperation({
  name: 'users.enable',
  summary: 'Open an account again that was shut',
  permission: 'operator',
  audit: ['email'],
  rest: { method: 'POST', path: '/v1/users/enable' },
  argumentFields: ['email'],
  input: z.strictObject({ email: emailField }),
  output: z.object({ userId: z.string() }),
  async handler(input, { parts, caller, door }) {
    const act = { email: toEmail(input.email), by: caller.name }
    return { userId: await shutAccount(parts, act, false, door) }
  },
})
