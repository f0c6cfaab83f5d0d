import { z } from 'zod'

import { openInvitation } from '#auth/join.ts'
import { providerAddresses } from '#auth/sign-on.ts'
import { listProviders } from '#catalog/identity-providers.ts'
import { tokenField } from '#operations/account/account-fields.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const lookAtInvitation = defineOpenOperation({
  name: 'invitations.look',
  summary: 'What an invitation is for; the link stays good',
  permission: 'anyone',
  // It changes nothing; it is no GET, so that the token stands in no address.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/invitations/look' },
  input: z.strictObject({ token: tokenField }),
  output: z.object({
    tenant: z.string(),
    tenantName: z.string(),
    email: z.string(),
    role: z.string(),
    expiresAt: z.iso.datetime(),
    /** True: sign in and join; false: accept it with a name and a password. */
    hasAccount: z.boolean(),
    /** The tenant lets this role in by its own single sign-on only. */
    needsSignOn: z.boolean(),
    /** By which people of the tenant sign in. */
    providers: z.array(z.object({ name: z.string(), link: z.string() })),
  }),
  async handler({ token }, { parts, door }) {
    const invitation = await openInvitation(parts, token, door)
    const { tenant, tenantName, email, role, expiresAt, hasAccount, needsSignOn } = invitation
    const providers = await parts.catalog.asTenant(tenant, listProviders)
    return {
      tenant: tenant.slug,
      tenantName,
      email,
      role,
      expiresAt: expiresAt.toISOString(),
      hasAccount,
      needsSignOn,
      providers: providers.map(({ id, name }) => ({
        name,
        link: providerAddresses(parts, id).link,
      })),
    }
  },
})
