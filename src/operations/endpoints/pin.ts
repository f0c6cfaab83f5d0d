import { z } from 'zod'

import { pinEndpoint } from '#catalog/endpoint-pins.ts'
import { endpointField, versionField } from '#operations/endpoints/endpoint-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const pinEndpointOperation = defineOperation({
  name: 'endpoints.pin',
  summary: 'Answer the tenant with one version of an endpoint, whatever is deployed, until it ends',
  permission: 'admin',
  audit: ['version'],
  rest: { method: 'POST', path: '/v1/endpoints/{endpoint}/pin' },
  input: z.strictObject({
    endpoint: endpointField,
    version: versionField.optional(),
  }),
  output: z.object({
    endpoint: z.string(),
    pinned: z.int(),
    /** When it stops being answered; null: it is current, and ends some time after it is replaced. */
    endsAt: z.iso.datetime().nullable(),
  }),
  async handler({ endpoint, version = null }, { parts, caller }) {
    const { tenant, name: pinnedBy } = caller
    const { number, endsAt } = await parts.endpoints.find(tenant, endpoint, version)
    await parts.directory.asTenant(tenant, (session) =>
      pinEndpoint(session, { endpoint, version: number, pinnedBy }),
    )
    parts.endpoints.forgetPins(tenant)
    return { endpoint, pinned: number, endsAt: endsAt?.toISOString() ?? null }
  },
})
