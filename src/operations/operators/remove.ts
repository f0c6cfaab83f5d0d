import { z } from 'zod'

import { setOperator } from '#catalog/operators.ts'
import { MillraceError } from '#kernel/errors.ts'
import { emailField, toEmail } from '#operations/account/account-fields.ts'
import { defineOperation } from '#operations/operation.ts'

export const removeOperator = defineOperation({
  name: 'operators.remove',
  summary: 'Make an operator an ordinary user again; it counts within a second',
  permission: 'operator',
  rest: { method: 'DELETE', path: '/v1/operators/{email}' },
  input: z.strictObject({ email: emailField.meta({ names: 'operator' }) }),
  output: z.object({ removed: z.string() }),
  async handler(input, { parts }) {
    const email = toEmail(input.email)
    const outcome = await parts.catalog.asSystem((session) => setOperator(session, email, false))
    if (outcome === 'unknown') throw new MillraceError('account-unknown', { email })
    if (outcome === 'last') throw new MillraceError('operator-last', { email })
    return { removed: email }
  },
})
