import { z } from 'zod'

import { defaultRates, tenantRate } from '#catalog/rates.ts'
import { defineOperation } from '#operations/operation.ts'
import { rateData } from '#operations/rates/rate-input.ts'

export const showRates = defineOperation({
  name: 'rates.show',
  summary:
    'How many requests the tenant may send, and each key, user and address where nothing else is set',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/rates' },
  input: z.strictObject({}),
  output: z.object({
    tenant: rateData,
    /** False: an operator has set the tenant's own. */
    isDefault: z.boolean(),
    defaults: z.object({ tenant: rateData, key: rateData, user: rateData, address: rateData }),
  }),
  async handler(_input, { parts, caller }) {
    const defaults = await parts.catalog.asSystem(defaultRates)
    const own = await parts.catalog.asTenant(caller.tenant, tenantRate)
    return { tenant: own ?? defaults.tenant, isDefault: own === null, defaults }
  },
})
