import { z } from 'zod'

import { listKeys } from '#catalog/keys.ts'
import { keyData, toKeyData } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listKeysOperation = defineOperation({
  name: 'keys.list',
  summary: 'API keys of the tenant, newest first, without their secrets',
  permission: 'admin',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/keys' },
  input: z.strictObject({
    onlyWorking: z
      .boolean()
      .default(false)
      .describe('Without those that were revoked or have expired.'),
    after: z
      .string()
      .min(1)
      .max(100)
      .meta({ names: 'key' })
      .optional()
      .describe('Only keys that are older than this one: `next` of the former page.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most keys of the answer.'),
  }),
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
