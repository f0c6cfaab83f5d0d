import { z } from 'zod'

import { checkedIssuer } from '#auth/oidc-client.ts'
import { clientSecretPlace, providerAddresses } from '#auth/sign-on.ts'
import { addDeploymentProvider, addProvider } from '#catalog/identity-providers.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  grantedByDefault,
  providerFields,
  toDomains,
} from '#operations/identity-providers/provider-data.ts'
import { assertGrants } from '#operations/keys/key-data.ts'
import { actorOf } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'

const PROVIDERS_MAX = 20

export const createIdentityProvider = defineOperation({
  name: 'identity-providers.create',
  summary: 'Let people sign in by an OpenID provider; its issuer is looked at first',
  // Whoever chooses the provider chooses who says who everybody is.
  permission: 'owner',
  audit: ['name', 'issuer', 'clientId', 'domains', 'defaultRole', 'deployment'],
  rest: { method: 'POST', path: '/v1/identity-providers' },
  argumentFields: ['name'],
  input: z.strictObject({
    ...providerFields,
    clientSecret: providerFields.clientSecret.optional(),
    defaultRole: providerFields.defaultRole.default(''),
    deployment: z
      .boolean()
      .default(false)
      .describe('For operators: not of this tenant, but for accounts of the whole deployment.'),
  }),
  output: z.object({
    id: z.string(),
    issuer: z.string(),
    /** Address by which people sign in. */
    link: z.string(),
    /** To be registered at the provider. */
    redirectUri: z.string(),
  }),
  async handler(input, { parts, caller }) {
    const { name, clientId, clientSecret = null, deployment } = input
    if (deployment) assertGrants(caller, ['operator'])
    const domains = toDomains(input.domains)
    const id = parts.ids.next('idp')
    const revision = parts.ids.next('rev')
    const client = { id, revision, issuer: input.issuer, clientId, clientSecret }
    const issuer = await checkedIssuer(parts, client)
    const tenantId = deployment ? null : caller.tenant.id
    const settings = {
      id,
      name,
      issuer,
      clientId,
      clientSecret:
        clientSecret === null
          ? null
          : parts.secrets.seal(clientSecret, clientSecretPlace(tenantId, id)),
      domains,
      revision,
      createdBy: actorOf(caller),
    }
    if (deployment) {
      await parts.catalog.asSystem((session) => addDeploymentProvider(session, settings))
    } else {
      await parts.catalog.asTenant(caller.tenant, async (session) => {
        const defaultRole = await grantedByDefault(session, caller, input.defaultRole)
        if (!(await addProvider(session, { ...settings, defaultRole }, PROVIDERS_MAX))) {
          throw new MillraceError('provider-too-many', { most: PROVIDERS_MAX })
        }
      })
    }
    return { id, issuer, ...providerAddresses(parts, id) }
  },
})
