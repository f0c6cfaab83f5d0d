import { z } from 'zod'

import { providerAddresses } from '#auth/sign-on.ts'
import { listDeploymentProviders } from '#catalog/identity-providers.ts'
import { defineOpenOperation } from '#operations/operation.ts'

export const listSignOn = defineOpenOperation({
  name: 'sign-on.list',
  summary: 'Providers of the whole deployment; those of a tenant are its own affair',
  permission: 'anyone',
  rest: { method: 'GET', path: '/v1/sign-on' },
  input: z.strictObject({}),
  output: z.object({ providers: z.array(z.object({ name: z.string(), link: z.string() })) }),
  async handler(_input, { parts }) {
    const providers = await parts.catalog.asSystem(listDeploymentProviders)
    return {
      providers: providers.map(({ id, name }) => ({
        name,
        link: providerAddresses(parts, id).link,
      })),
    }
  },
})
