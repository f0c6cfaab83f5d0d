import { z } from 'zod'

import { createKey } from '#catalog/keys.ts'
import { accessData, accessFields, accessOf, toAccessData } from '#operations/keys/access-input.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { assertGrants, keyPermissions } from '#operations/keys/key-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { rateFields, rateOf } from '#operations/rates/rate-input.ts'

export const createKeyOperation = defineOperation({
  name: 'keys.create',
  summary: 'Make an API key of the tenant; the answer shows it once',
  permission: 'admin',
  honoursAccess: true,
  audit: ['name', 'permissions', 'endpoints', 'columns', 'rows', 'expiresAt', 'perMinute', 'burst'],
  rest: { method: 'POST', path: '/v1/keys' },
  input: z.strictObject({
    name: z.string().min(1).max(100).describe('What the key is for.'),
    permissions: z
      .array(z.enum(keyPermissions))
      .min(1)
      .default(['read'])
      .describe('What its holder may do.'),
    ...accessFields,
    ...rateFields,
    expiresAt: z.iso.datetime().optional().describe('When it ends; default: never.'),
  }),
  output: z.object({
    id: z.string(),
    key: z.string().meta({ secret: true }),
    permissions: z.array(z.string()),
    access: accessData,
    expiresAt: z.iso.datetime().nullable(),
  }),
  async handler(input, { parts, caller }) {
    const permissions = [...new Set(input.permissions)]
    assertGrants(caller, permissions)
    const access = await accessOf(parts, caller, input)
    const { id, key, hash } = mintKey(parts.ids, parts.random)
    const expiresAt = input.expiresAt ?? null
    await parts.catalog.asTenant(caller.tenant, (session) =>
      createKey(session, {
        id,
        hash,
        name: input.name,
        permissions,
        access,
        rate: rateOf(input),
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
        madeBy: caller.person ? `${caller.name} ${caller.person.email}` : caller.name,
        madeByUser: caller.person?.userId ?? null,
      }),
    )
    return { id, key, permissions, access: toAccessData(access), expiresAt }
  },
})
