import { z } from 'zod'

import { providerAddresses } from '#auth/sign-on.ts'
import {
  isSignOnRequired,
  listDeploymentProviders,
  listProviders,
} from '#catalog/identity-providers.ts'
import { providerData, toProviderData } from '#operations/identity-providers/provider-data.ts'
import { assertGrants } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listIdentityProviders = defineOperation({
  name: 'identity-providers.list',
  summary: 'Providers by which people of the tenant sign in, and whether they must',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/identity-providers' },
  input: z.strictObject({
    deployment: z
      .boolean()
      .default(false)
      .describe('For operators: those of the deployment instead.'),
  }),
  output: z.object({
    providers: z.array(providerData),
    /** Members other than owners come in by these providers only. */
    required: z.boolean(),
  }),
  async handler({ deployment }, { parts, caller }) {
    if (deployment) assertGrants(caller, ['operator'])
    const [providers, required] = deployment
      ? [await parts.catalog.asSystem(listDeploymentProviders), false]
      : await parts.catalog.asTenant(
          caller.tenant,
          async (session) =>
            [await listProviders(session), await isSignOnRequired(session)] as const,
        )
    return {
      providers: providers.map((one) => toProviderData(one, providerAddresses(parts, one.id))),
      required,
    }
  },
})
