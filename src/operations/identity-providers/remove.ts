import { z } from 'zod'

import { removeProvider } from '#catalog/identity-providers.ts'
import { MillraceError } from '#kernel/errors.ts'
import { providerField } from '#operations/identity-providers/provider-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const removeIdentityProvider = defineOperation({
  name: 'identity-providers.remove',
  summary: 'Remove a provider, with the memberships of the people whom it signs in',
  permission: 'owner',
  rest: { method: 'DELETE', path: '/v1/identity-providers/{provider}' },
  input: z.strictObject({ provider: providerField }),
  output: z.object({ removed: z.string() }),
  async handler({ provider }, { parts, caller }) {
    const outcome = await parts.catalog.asSystem(async (session) => {
      const own = await removeProvider(session, caller.tenant.id, provider)
      const isOperator = caller.permissions.has('operator')
      return own === 'unknown' && isOperator ? removeProvider(session, null, provider) : own
    })
    if (outcome === 'unknown') throw new MillraceError('sign-on-unknown', { provider })
    if (outcome === 'last-owner') throw new MillraceError('last-owner')
    return { removed: provider }
  },
})
