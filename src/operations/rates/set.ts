import { z } from 'zod'

import { setTenantRate } from '#catalog/rates.ts'
import { defineOperation } from '#operations/operation.ts'
import { rateData, rateFields, rateOf } from '#operations/rates/rate-input.ts'

export const setTenantRateOperation = defineOperation({
  name: 'rates.set',
  summary:
    'Set how many requests the tenant may send; without a rate it is that of all others again',
  permission: 'operator',
  audit: ['perMinute', 'burst'],
  rest: { method: 'POST', path: '/v1/rates' },
  input: z.strictObject(rateFields),
  output: z.object({ tenant: z.string(), rate: rateData.nullable() }),
  async handler(input, { parts, caller }) {
    const rate = rateOf(input)
    await parts.catalog.asSystem((session) => setTenantRate(session, caller.tenant.id, rate))
    return { tenant: caller.tenant.slug, rate }
  },
})
