import { z } from 'zod'

import { signIn } from '#auth/sign-in.ts'
import { codeField, emailField, passwordField } from '#operations/account/account-fields.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const createSessionOperation = defineOpenOperation({
  name: 'sessions.create',
  summary: 'Sign in: begins the session of this browser',
  permission: 'anyone',
  // Signing in notes itself in the log of each tenant of the user.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/sessions' },
  input: z.strictObject({
    email: emailField,
    password: passwordField,
    code: codeField.optional(),
  }),
  output: z.object({ userId: z.string(), sessionId: z.string(), expiresAt: z.iso.datetime() }),
  async handler(input, { parts, door }) {
    const { user, session } = await signIn(parts, input, door)
    door.setSession(session)
    const { id: sessionId, expiresAt } = session
    parts.log.info('signed in', { user: user.id, session: sessionId, address: door.address })
    return { userId: user.id, sessionId, expiresAt: expiresAt.toISOString() }
  },
})
