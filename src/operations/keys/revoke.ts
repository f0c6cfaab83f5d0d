import { z } from 'zod'

import { revokeKey } from '#catalog/keys.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'

export const revokeKeyOperation = defineOperation({
  name: 'keys.revoke',
  summary: 'End an API key of the tenant; it stops working within a second',
  permission: 'admin',
  rest: { method: 'POST', path: '/v1/keys/{key}/revoke' },
  input: z.strictObject({
    key: z
      .string()
      .min(1)
      .max(100)
      .meta({ names: 'key' })
      .describe('Id of the key: `mk_…` as the list shows it.'),
  }),
  output: z.object({ key: z.string() }),
  async handler({ key }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) => revokeKey(session, key))
    if (!found) throw new MillraceError('key-unknown', { key })
    return { key }
  },
})
