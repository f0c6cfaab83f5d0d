import { z } from 'zod'

import { withinTenant } from '#catalog/tenant-session.ts'
import { ownStanding } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { inCellOf } from '#operations/tenants/in-cell-of.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { readTenant, targetTenant } from '#operations/tenants/target-tenant.ts'
import { tenantData } from '#operations/tenants/tenant-data.ts'
import { resumeTenant } from '#triggers/resume-tenant.ts'

export const resumeTenantOperation = defineOperation({
  name: 'tenants.resume',
  summary: 'Let a suspended tenant go on; due times meanwhile are not made up for',
  permission: 'operator',
  audit: [],
  rest: { method: 'POST', path: '/v1/tenants/{slug}/resume' },
  input: z.strictObject({ slug: slugField.describe('Its name in addresses.') }),
  output: tenantData,
  async handler({ slug }, { parts, caller }) {
    const tenant = await targetTenant(parts, caller, slug)
    const data = await parts.catalog.asSystem(async (system) => {
      const { state } = await withinTenant(system, tenant, ownStanding)
      if (state === 'deleting') throw new MillraceError('tenant-deleting', { tenant: slug })
      if (state === 'suspended') await resumeTenant(system, tenant)
      return withinTenant(system, tenant, readTenant)
    })
    await inCellOf(parts, tenant, ({ catalog }) =>
      catalog.asSystem((system) => resumeTenant(system, tenant)),
    )
    parts.log.info('tenant resumed', { tenant: slug, by: caller.name })
    return data
  },
})
