import { z } from 'zod'

import { withdrawDeletion } from '#catalog/archive-deletion.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { setTenantState } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { readTenant, targetTenant } from '#operations/tenants/target-tenant.ts'
import { tenantData } from '#operations/tenants/tenant-data.ts'
import { resumeTenant } from '#triggers/resume-tenant.ts'

export const keepTenantOperation = defineOperation({
  name: 'tenants.keep',
  summary: 'Keep a tenant after all, while its deletion waits; it goes on as before',
  permission: 'operator',
  audit: [],
  rest: { method: 'POST', path: '/v1/tenants/{slug}/keep' },
  input: z.strictObject({ slug: slugField.describe('Its name in addresses.') }),
  output: tenantData,
  async handler({ slug }, { parts, caller }) {
    const tenant = await targetTenant(parts, caller, slug)
    const data = await parts.catalog.asSystem(async (system) => {
      const former = await withdrawDeletion(system, tenant.id)
      if (!former) throw new MillraceError('deletion-unknown', { tenant: slug })
      if (former.state === 'active') await resumeTenant(system, tenant)
      else await setTenantState(system, tenant.id, 'suspended', former.reason ?? '')
      return withinTenant(system, tenant, readTenant)
    })
    parts.log.warn('tenant is kept', { tenant: slug, by: caller.name })
    return data
  },
})
