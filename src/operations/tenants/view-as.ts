import { z } from 'zod'

import { permissionsOfRole } from '#auth/role-grants.ts'
import { setSessionView } from '#catalog/sessions.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { roleField } from '#operations/members/member-data.ts'
import { defineOperation } from '#operations/operation.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { targetTenant } from '#operations/tenants/target-tenant.ts'

const MINUTE_MS = 60_000

export const viewTenantAs = defineOperation({
  name: 'tenants.view-as',
  summary: 'Look at a tenant as one of its roles does, read only, in this session and for a time',
  permission: 'operator',
  audit: ['role', 'minutes'],
  rest: { method: 'POST', path: '/v1/tenants/{slug}/view-as' },
  argumentFields: ['role'],
  input: z.strictObject({
    slug: slugField.describe('Its name in addresses.'),
    role: roleField,
    minutes: z.int().min(1).max(60).default(30).describe('When it ends by itself.'),
  }),
  output: z.object({ tenant: z.string(), role: z.string(), until: z.iso.datetime() }),
  async handler({ slug, role, minutes }, { parts, caller }) {
    const { person } = caller
    if (person === null) throw new MillraceError('person-needed', { operation: 'tenants.view-as' })
    const tenant = await targetTenant(parts, caller, slug)
    const until = await parts.catalog.asSystem(async (system) => {
      const view = { tenant, role, forMs: minutes * MINUTE_MS }
      const ends = await setSessionView(system, person, view)
      // What the tenant calls the role, and the row of its log.
      await withinTenant(system, tenant, (session) => permissionsOfRole(session, role))
      return ends
    })
    if (until === null) throw new MillraceError('unauthenticated')
    parts.log.info('tenant is looked at', { tenant: slug, role, by: caller.name })
    return { tenant: slug, role, until: until.toISOString() }
  },
})
