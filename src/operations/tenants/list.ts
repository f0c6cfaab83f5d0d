import { z } from 'zod'

import { tenantShares } from '#catalog/tenants.ts'
import { defineOperation } from '#operations/operation.ts'

export const listTenantsOperation = defineOperation({
  name: 'tenants.list',
  summary: 'All tenants of this installation, with their share of the slots',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/tenants' },
  input: z.strictObject({}),
  output: z.object({
    tenants: z.array(
      z.object({
        name: z.string(),
        weight: z.int(),
        /** Most batches at the same time; null: no limit. */
        limit: z.int().nullable(),
        createdAt: z.iso.datetime(),
      }),
    ),
  }),
  async handler(_input, { parts }) {
    const shares = await parts.catalog.asSystem(tenantShares)
    return {
      tenants: shares.map(({ slug, weight, limit, createdAt }) => ({
        name: slug,
        weight,
        limit,
        createdAt: createdAt.toISOString(),
      })),
    }
  },
})
