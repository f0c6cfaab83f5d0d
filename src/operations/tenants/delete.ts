import { z } from 'zod'

import { deleteDueTenant } from '#archive/delete-tenant.ts'
import { askDeletion, listDeletions } from '#catalog/archive-deletion.ts'
import { withinTenant } from '#catalog/tenant-session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { defineOperation } from '#operations/operation.ts'
import { deletionData, toDeletionData } from '#operations/tenants/deletion-data.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { refuseInCell } from '#operations/tenants/refuse-in-cell.ts'
import { targetTenant } from '#operations/tenants/target-tenant.ts'

/** Where whoever names no tenant is at work. */
const OF_OPERATORS = 'default'
const GRACE_DAYS = 7
const DAY_MS = 86_400_000

export const deleteTenantOperation = defineOperation({
  name: 'tenants.delete',
  summary: 'End a tenant: suspended for some days, then removed for good, with a proof',
  permission: 'owner',
  audit: ['graceDays'],
  rest: { method: 'POST', path: '/v1/tenants/{slug}/delete' },
  input: z.strictObject({
    slug: slugField.describe('Its name in addresses.'),
    confirm: z.string().max(60).describe('Its name once more: nothing brings it back.'),
    graceDays: z
      .number()
      .min(0)
      .max(365)
      .default(GRACE_DAYS)
      .describe('Days that it stays suspended, in which an operator can keep it; 0: at once.'),
  }),
  output: deletionData,
  async handler({ slug, confirm, graceDays }, { parts, caller }) {
    const { catalog, log } = parts
    const tenant = await targetTenant(parts, caller, slug)
    if (slug === OF_OPERATORS) throw new MillraceError('tenant-of-operators', { tenant: slug })
    if (confirm !== slug) throw new MillraceError('confirmation-wrong')
    await refuseInCell(parts, tenant)
    const by = caller.person ? `${caller.name} ${caller.person.email}` : caller.name
    const asked = await catalog.asSystem(async (system) => {
      const isAsked = await askDeletion(system, tenant.id, by, graceDays * DAY_MS)
      // The last that its own audit log says.
      await withinTenant(system, tenant, async () => {})
      return isAsked
    })
    if (!asked) throw new MillraceError('deletion-under-way', { tenant: slug })
    log.warn('tenant is to be deleted', { tenant: slug, by: caller.name, graceDays })
    // Work that has not ended yet leaves it to whoever looks for what is due.
    if (graceDays === 0) await deleteDueTenant(parts, slug)
    const [deletion] = await catalog.asSystem((session) =>
      listDeletions(session, { slug, after: '', limit: 1 }),
    )
    if (!deletion) throw new MillraceError('tenant-unknown', { tenant: slug })
    return toDeletionData(deletion)
  },
})
