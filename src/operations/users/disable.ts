import { z } from 'zod'

import { shutAccount } from '#auth/staff.ts'
import { emailField, toEmail } from '#operations/account/account-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const disableUser = defineOperation({
  name: 'users.disable',
  summary: 'Shut an account: its sessions end within a second, and nobody signs in with it',
  permission: 'operator',
  audit: ['email'],
  rest: { method: 'POST', path: '/v1/users/disable' },
  argumentFields: ['email'],
  input: z.strictObject({ email: emailField }),
  output: z.object({ userId: z.string() }),
  async handler(input, { parts, caller, door }) {
    const act = { email: toEmail(input.email), by: caller.name }
    return { userId: await shutAccount(parts, act, true, door) }
  },
})
