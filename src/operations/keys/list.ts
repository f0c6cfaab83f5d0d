import { z } from 'zod'

import { listKeys } from '#catalog/keys.ts'
import { keyData, toKeyData } from '#operations/keys/key-data.ts'
import { keyPageFields } from '#operations/keys/list-input.ts'
import { defineOperation } from '#operations/operation.ts'

export const listKeysOperation = defineOperation({
  name: 'keys.list',
  summary: 'API keys of the tenant, newest first, without their secrets',
  permission: 'admin',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/keys' },
  input: z.strictObject(keyPageFields),
  output: z.object({
    keys: z.array(keyData),
    /** `after` of the next page; null: this is the last one. */
    next: z.string().nullable(),
  }),
  async handler({ limit, ...asked }, { parts, caller }) {
    const page = await parts.catalog.asTenant(caller.tenant, (session) =>
      // One more tells whether there is another page.
      listKeys(session, { ...asked, limit: limit + 1 }),
    )
    const keys = page.slice(0, limit)
    return {
      keys: keys.map(toKeyData),
      next: page.length > limit ? (keys.at(-1)?.id ?? null) : null,
    }
  },
})
