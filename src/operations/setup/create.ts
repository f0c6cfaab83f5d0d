import { z } from 'zod'

import { setUp } from '#auth/setup.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { listRuns } from '#catalog/runs.ts'
import { tenantsBySlug } from '#catalog/tenants.ts'
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
  output: z.object({
    userId: z.string(),
    sessionId: z.string(),
    expiresAt: z.iso.datetime(),
    /** Where there is something to be seen: `demo` once it has its samples, else `default`. */
    tenant: z.string(),
  }),
  async handler(input, { parts, door }) {
    const email = toEmail(input.email)
    const { userId, session } = await setUp(parts, { ...input, email }, door)
    door.setSession(session)
    parts.log.warn('somebody became an operator by the set-up link', {
      user: userId,
      address: door.address,
    })
    const tenant = await tenantToSee(parts.catalog)
    return { userId, sessionId: session.id, expiresAt: session.expiresAt.toISOString(), tenant }
  },
})

async function tenantToSee(catalog: Catalog): Promise<string> {
  const [demo] = await tenantsBySlug(catalog, ['demo'])
  const runs = demo
    ? await catalog.asTenant(demo, (session) => listRuns(session, { limit: 1 }))
    : []
  return demo && runs.length > 0 ? demo.slug : 'default'
}
