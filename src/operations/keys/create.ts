import { z } from 'zod'

import { createKey } from '#catalog/keys.ts'
import { MillraceError } from '#kernel/errors.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { defineOperation, permissions } from '#operations/operation.ts'

export const createKeyOperation = defineOperation({
  name: 'keys.create',
  summary: 'Make an API key of the tenant; the answer shows it once',
  permission: 'admin',
  audit: ['name', 'permissions', 'expiresAt'],
  rest: { method: 'POST', path: '/v1/keys' },
  input: z.strictObject({
    name: z.string().min(1).max(100).describe('What the key is for.'),
    permissions: z
      .array(z.enum(permissions))
      .min(1)
      .default(['read'])
      .describe('What its holder may do.'),
    expiresAt: z.iso.datetime().optional().describe('When it ends; default: never.'),
  }),
  output: z.object({ id: z.string(), key: z.string(), permissions: z.array(z.string()) }),
  async handler(input, { parts, caller }) {
    const { id, key, hash } = mintKey(parts.ids, parts.random)
    const beyond = input.permissions.find((permission) => !caller.permissions.has(permission))
    if (beyond !== undefined) {
      throw new MillraceError('grant-beyond', { permission: beyond, caller: caller.name })
    }
    await parts.catalog.asTenant(caller.tenant, (session) =>
      createKey(session, {
        id,
        hash,
        name: input.name,
        permissions: input.permissions,
        expiresAt: input.expiresAt === undefined ? null : new Date(input.expiresAt),
      }),
    )
    return { id, key, permissions: input.permissions }
  },
})
