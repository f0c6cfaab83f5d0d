import { z } from 'zod'

import { listTenants } from '#catalog/tenants.ts'
import { defineOperation } from '#operations/operation.ts'

export const listTenantsOperation = defineOperation({
  name: 'tenants.list',
  summary: 'All tenants of this installation',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/tenants' },
  input: z.strictObject({}),
  output: z.object({ tenants: z.array(z.object({ name: z.string() })) }),
  async handler(_input, { parts }) {
    const tenants = await listTenants(parts.catalog)
    return { tenants: tenants.map(({ slug }) => ({ name: slug })) }
  },
})
