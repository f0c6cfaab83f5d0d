import { z } from 'zod'

import { mailResetLink } from '#auth/password-reset.ts'
import { emailField } from '#operations/account/account-fields.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const forgotPasswordOperation = defineOpenOperation({
  name: 'passwords.forgot',
  summary: 'Have a link to choose a new password sent to the owner of an account',
  permission: 'anyone',
  // Noted in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/passwords/forgot' },
  input: z.strictObject({ email: emailField }),
  output: z.object({
    /** False: this deployment sends no mail, and an operator makes links. Says nothing of the account. */
    mail: z.boolean(),
  }),
  async handler({ email }, { parts, door }) {
    await mailResetLink(parts, email, door)
    return { mail: parts.mailer.isOn }
  },
})
