import { z } from 'zod'

import { unpinEndpoint } from '#catalog/endpoint-pins.ts'
import { endpointField } from '#operations/endpoints/endpoint-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const unpinEndpointOperation = defineOperation({
  name: 'endpoints.unpin',
  summary: 'Answer the tenant with the current version of an endpoint again',
  permission: 'admin',
  rest: { method: 'DELETE', path: '/v1/endpoints/{endpoint}/pin' },
  input: z.strictObject({ endpoint: endpointField }),
  output: z.object({ endpoint: z.string(), wasPinned: z.boolean() }),
  async handler({ endpoint }, { parts, caller: { tenant } }) {
    // Throws for what there is not; a version that has ended can be unpinned.
    await parts.endpoints.history(tenant, endpoint)
    const wasPinned = await parts.directory.asTenant(tenant, (session) =>
      unpinEndpoint(session, endpoint),
    )
    parts.endpoints.forgetPins(tenant)
    return { endpoint, wasPinned }
  },
})
