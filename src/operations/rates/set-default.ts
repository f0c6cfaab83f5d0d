import { z } from 'zod'

import { defaultRates, rateKinds, setDefaultRate } from '#catalog/rates.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { rateData, rateFields, rateOf } from '#operations/rates/rate-input.ts'

export const setDefaultRateOperation = defineOperation({
  name: 'rates.set-default',
  summary:
    'Set how many requests each tenant, key, user or address may send where nothing else is set',
  permission: 'operator',
  audit: ['perMinute', 'burst'],
  rest: { method: 'POST', path: '/v1/rates/defaults/{kind}' },
  input: z.strictObject({
    kind: z.enum(rateKinds).describe('Whose: of a tenant, a key, a user, an address.'),
    ...rateFields,
  }),
  output: z.object({ tenant: rateData, key: rateData, user: rateData, address: rateData }),
  async handler({ kind, ...input }, { parts }) {
    const rate = rateOf(input)
    if (!rate)
      throw new MillraceError('input-invalid', { path: 'perMinute', message: 'is missing' })
    return parts.catalog.asSystem(async (session) => {
      await setDefaultRate(session, kind, rate)
      return defaultRates(session)
    })
  },
})
