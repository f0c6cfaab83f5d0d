import { z } from 'zod'

import { listKeys } from '#catalog/keys.ts'
import { defineOperation } from '#operations/operation.ts'

export const listKeysOperation = defineOperation({
  name: 'keys.list',
  summary: 'API keys of the tenant, without their secrets',
  permission: 'admin',
  rest: { method: 'GET', path: '/v1/keys' },
  input: z.strictObject({}),
  output: z.object({
    keys: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        permissions: z.array(z.string()),
        createdAt: z.iso.datetime(),
        expiresAt: z.iso.datetime().nullable(),
        revokedAt: z.iso.datetime().nullable(),
        lastUsedAt: z.iso.datetime().nullable(),
      }),
    ),
  }),
  async handler(_input, { parts, caller }) {
    const keys = await parts.catalog.asTenant(caller.tenant, listKeys)
    return {
      keys: keys.map((key) => ({
        id: key.id,
        name: key.name,
        permissions: [...key.permissions],
        createdAt: key.createdAt.toISOString(),
        expiresAt: key.expiresAt?.toISOString() ?? null,
        revokedAt: key.revokedAt?.toISOString() ?? null,
        lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
      })),
    }
  },
})
