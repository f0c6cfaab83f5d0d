import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { readTenant, targetTenant } from '#operations/tenants/target-tenant.ts'
import { tenantData } from '#operations/tenants/tenant-data.ts'

export const showTenant = defineOperation({
  name: 'tenants.show',
  summary: 'Settings, limits and state of a tenant: the own one, or any for operators',
  permission: 'read',
  home: 'directory',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/tenants/{slug}' },
  input: z.strictObject({ slug: slugField.describe('Its name in addresses.') }),
  output: tenantData,
  async handler({ slug }, { parts, caller }) {
    const tenant = await targetTenant(parts, caller, slug)
    return parts.catalog.asTenant(tenant, readTenant)
  },
})
