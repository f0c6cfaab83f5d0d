import { z } from 'zod'

import { setOperator } from '#catalog/operators.ts'
import { MillraceError } from '#kernel/errors.ts'
import { emailField, toEmail } from '#operations/account/account-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const addOperator = defineOperation({
  name: 'operators.add',
  summary: 'Make somebody who has an account an operator of the deployment',
  permission: 'operator',
  audit: ['email'],
  rest: { method: 'POST', path: '/v1/operators' },
  argumentFields: ['email'],
  input: z.strictObject({ email: emailField }),
  output: z.object({ email: z.string() }),
  async handler(input, { parts }) {
    const email = toEmail(input.email)
    const outcome = await parts.catalog.asSystem((session) => setOperator(session, email, true))
    if (outcome === 'unknown') throw new MillraceError('account-unknown', { email })
    return { email }
  },
})
