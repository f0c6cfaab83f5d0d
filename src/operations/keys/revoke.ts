import { z } from 'zod'

import { revokeKey } from '#catalog/keys.ts'
import { MillraceError } from '#kernel/errors.ts'
import { keyField } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const revokeKeyOperation = defineOperation({
  name: 'keys.revoke',
  summary: 'End an API key of the tenant; it stops working within a second',
  permission: 'admin',
  honoursAccess: true,
  rest: { method: 'POST', path: '/v1/keys/{key}/revoke' },
  input: z.strictObject({ key: keyField }),
  output: z.object({ key: z.string() }),
  async handler({ key }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) => revokeKey(session, key))
    if (!found) throw new MillraceError('key-unknown', { key })
    return { key }
  },
})
