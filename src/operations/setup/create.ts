import { z } from 'zod'

import { setUp } from '#auth/setup.ts'
import {
  emailField,
  nameField,
  newPasswordField,
  toEmail,
  tokenField,
} from '#operations/account/account-fields.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const createSetupOperation = defineOpenOperation({
  name: 'setup.create',
  summary: 'Become an operator by the set-up link, and sign in; the first one owns `default`, too',
  permission: 'anyone',
  // Notes itself in the log of the tenant that the operator owns.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/setup' },
  input: z.strictObject({
    token: tokenField,
    email: emailField,
    name: nameField,
    password: newPasswordField,
  }),
  output: z.object({ userId: z.string(), sessionId: z.string(), expiresAt: z.iso.datetime() }),
  async handler(input, { parts, door }) {
    const email = toEmail(input.email)
    const { userId, session } = await setUp(parts, { ...input, email }, door)
    door.setSession(session)
    parts.log.warn('somebody became an operator by the set-up link', {
      user: userId,
      address: door.address,
    })
    return { userId, sessionId: session.id, expiresAt: session.expiresAt.toISOString() }
  },
})
