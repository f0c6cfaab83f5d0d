import { z } from 'zod'

import { makeResetLink } from '#auth/password-reset.ts'
import { userByEmail } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'
import { emailField, toEmail } from '#operations/account/account-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const linkPasswordOperation = defineOperation({
  name: 'passwords.link',
  summary: 'Make a link by which the owner of an account chooses a new password; shown once',
  permission: 'operator',
  audit: ['email'],
  rest: { method: 'POST', path: '/v1/passwords/link' },
  argumentFields: ['email'],
  input: z.strictObject({ email: emailField }),
  output: z.object({ link: z.string().meta({ secret: true }), expiresAt: z.iso.datetime() }),
  async handler(input, { parts }) {
    const email = toEmail(input.email)
    const { link, expiresAt } = await parts.catalog.asSystem(async (session) => {
      const user = await userByEmail(session, email)
      if (!user) throw new MillraceError('account-unknown', { email })
      return makeResetLink(session, parts, user)
    })
    return { link, expiresAt: expiresAt.toISOString() }
  },
})
