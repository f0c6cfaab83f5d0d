import { z } from 'zod'

import { getKey, setKeyRate } from '#catalog/keys.ts'
import { MillraceError } from '#kernel/errors.ts'
import { keyData, keyField, toKeyData } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { rateFields, rateOf } from '#operations/rates/rate-input.ts'

export const limitKeyOperation = defineOperation({
  name: 'keys.limit',
  summary: 'Set how many requests an API key may send, or take its own rate away',
  permission: 'admin',
  honoursAccess: true,
  audit: ['perMinute', 'burst'],
  rest: { method: 'POST', path: '/v1/keys/{key}/rate' },
  input: z.strictObject({ key: keyField, ...rateFields }),
  output: keyData,
  async handler({ key: id, ...rate }, { parts, caller }) {
    const key = await parts.catalog.asTenant(caller.tenant, async (session) => {
      if (!(await setKeyRate(session, id, rateOf(rate)))) return null
      return getKey(session, id)
    })
    if (!key) throw new MillraceError('key-unknown', { key: id })
    return toKeyData(key)
  },
})
