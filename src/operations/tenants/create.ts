import { z } from 'zod'

import { createKey } from '#catalog/keys.ts'
import { setLimit, setWeight } from '#catalog/limits.ts'
import { createTenant } from '#catalog/tenants.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { defineOperation } from '#operations/operation.ts'
import { DEFAULT_WEIGHT, weightField } from '#operations/tenants/tenant-data.ts'

export const createTenantOperation = defineOperation({
  name: 'tenants.create',
  summary: 'Add a tenant with a first key, which the answer shows once',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/tenants' },
  argumentFields: ['name'],
  input: z.strictObject({
    name: z.string().min(1).max(60).describe('Name in addresses: lower-case letters, digits, `-`.'),
    weight: weightField.default(DEFAULT_WEIGHT),
    limit: z
      .int()
      .min(0)
      .max(100_000)
      .optional()
      .describe(
        'Most batches of it that run at the same time; default: as many as there are slots.',
      ),
  }),
  output: z.object({
    name: z.string(),
    weight: z.int(),
    limit: z.int().nullable(),
    /** Where its files go, relative to the lake. */
    folder: z.string(),
    keyId: z.string(),
    /** Shown now and never again. */
    key: z.string(),
  }),
  async handler({ name, weight, limit }, { parts }) {
    const tenant = await createTenant(parts.catalog, name)
    if (weight !== DEFAULT_WEIGHT) {
      await parts.catalog.asSystem((session) => setWeight(session, tenant.id, weight))
    }
    const { id, key, hash } = mintKey(parts.ids, parts.random)
    await parts.catalog.asTenant(tenant, async (session) => {
      if (limit !== undefined) {
        const setting = { scope: 'tenant' as const, value: '', runningMax: limit }
        await setLimit(session, setting, 'operator')
      }
      await createKey(session, { id, hash, name: 'first key', permissions: ['read', 'run'] })
    })
    const { slug } = tenant
    return { name: slug, weight, limit: limit ?? null, folder: `${slug}/`, keyId: id, key }
  },
})
