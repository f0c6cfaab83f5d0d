import { z } from 'zod'

import { withinTenant } from '#catalog/tenant-session.ts'
import { setTenantState } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { inCellOf } from '#operations/tenants/in-cell-of.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { readTenant, targetTenant } from '#operations/tenants/target-tenant.ts'
import { tenantData } from '#operations/tenants/tenant-data.ts'

export const suspendTenant = defineOperation({
  name: 'tenants.suspend',
  summary: 'Refuse everybody of a tenant and begin nothing for it; what runs may end',
  permission: 'operator',
  audit: ['reason'],
  rest: { method: 'POST', path: '/v1/tenants/{slug}/suspend' },
  input: z.strictObject({
    slug: slugField.describe('Its name in addresses.'),
    reason: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .describe('Why; everybody of the tenant is shown this.'),
  }),
  output: tenantData,
  async handler({ slug, reason }, { parts, caller }) {
    const tenant = await targetTenant(parts, caller, slug)
    const data = await parts.catalog.asSystem(async (system) => {
      const former = await setTenantState(system, tenant.id, 'suspended', reason)
      if (former === 'deleting') throw new MillraceError('tenant-deleting', { tenant: slug })
      return withinTenant(system, tenant, readTenant)
    })
    await inCellOf(parts, tenant, ({ catalog }) =>
      catalog.asSystem((system) => setTenantState(system, tenant.id, 'suspended', reason)),
    )
    parts.log.warn('tenant suspended', { tenant: slug, by: caller.name })
    return data
  },
})
