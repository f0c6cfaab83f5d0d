import { z } from 'zod'

import { createTenant } from '#catalog/tenants.ts'
import { defineOperation } from '#operations/operation.ts'

export const createTenantOperation = defineOperation({
  name: 'tenants.create',
  summary: 'Add a tenant',
  permission: 'operator',
  rest: { method: 'POST', path: '/v1/tenants' },
  input: z.strictObject({
    name: z.string().min(1).max(60).describe('Name in addresses: lower-case letters, digits, `-`.'),
  }),
  output: z.object({ name: z.string() }),
  async handler({ name }, { parts }) {
    const { slug } = await createTenant(parts.catalog, name)
    return { name: slug }
  },
})
