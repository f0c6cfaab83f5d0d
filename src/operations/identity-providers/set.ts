import { z } from 'zod'

import { checkedIssuer } from '#auth/oidc-client.ts'
import { clientSecretPlace } from '#auth/sign-on.ts'
import { changeProvider, lockProvider } from '#catalog/identity-providers.ts'
import { MillraceError } from '#kernel/errors.ts'
import {
  grantedByDefault,
  providerField,
  providerFields,
  toDomains,
} from '#operations/identity-providers/provider-data.ts'
import { defineOperation } from '#operations/operation.ts'

const { name, issuer, clientId, clientSecret, domains, defaultRole } = providerFields

export const setIdentityProvider = defineOperation({
  name: 'identity-providers.set',
  summary: 'Change a provider of the tenant; what is not named stays',
  permission: 'owner',
  audit: ['name', 'issuer', 'clientId', 'domains', 'defaultRole'],
  rest: { method: 'POST', path: '/v1/identity-providers/{provider}' },
  input: z.strictObject({
    provider: providerField,
    name: name.optional(),
    issuer: issuer.optional(),
    clientId: clientId.optional(),
    clientSecret: clientSecret.optional(),
    domains: domains.optional(),
    defaultRole: defaultRole.optional(),
  }),
  output: z.object({ id: z.string(), issuer: z.string() }),
  async handler({ provider: id, ...input }, { parts, caller }) {
    const former = await parts.catalog.asTenant(caller.tenant, (session) =>
      lockProvider(session, id),
    )
    if (!former) throw new MillraceError('sign-on-unknown', { provider: id })
    const revision = parts.ids.next('rev')
    const asked = input.issuer ?? former.issuer
    if (asked !== former.issuer && former.clientSecret !== null && !input.clientSecret) {
      // Else whoever may not see the secret could have it sent to an issuer of his own.
      const message = 'has to be given again with another issuer'
      throw new MillraceError('input-invalid', {
        path: 'clientSecret',
        message,
        problems: [message],
      })
    }
    const client = { id, revision, issuer: asked, clientId: input.clientId ?? former.clientId }
    const checked = await checkedIssuer(parts, { ...client, clientSecret: null })
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      const present = await lockProvider(session, id)
      if (!present || present.revision !== former.revision) {
        throw new MillraceError('sign-on-unknown', { provider: id })
      }
      await changeProvider(session, id, {
        ...present,
        ...client,
        name: input.name ?? present.name,
        issuer: checked,
        clientSecret: input.clientSecret
          ? parts.secrets.seal(input.clientSecret, clientSecretPlace(caller.tenant.id, id))
          : present.clientSecret,
        domains: input.domains ? toDomains(input.domains) : present.domains,
        defaultRole:
          input.defaultRole === undefined
            ? present.defaultRole
            : await grantedByDefault(session, caller, input.defaultRole),
      })
    })
    return { id, issuer: checked }
  },
})
