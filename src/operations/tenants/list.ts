import { z } from 'zod'

import { countTenants, pageTenants, tenantStates } from '#catalog/tenants.ts'
import { defineOperation } from '#operations/operation.ts'
import { tenantEntryData, toTenantEntryData } from '#operations/tenants/tenant-data.ts'

const slugPart = z.string().min(1).max(60)

export const listTenantsOperation = defineOperation({
  name: 'tenants.list',
  summary: 'Tenants of this installation by slug, with their share of the slots, page by page',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/tenants' },
  input: z.strictObject({
    prefix: slugPart.optional().describe('Only those whose slug begins so.'),
    state: z.enum(tenantStates).optional().describe('Only those in this state.'),
    after: slugPart.optional().describe('Only those after this slug: `next` of the former page.'),
    limit: z.int().min(1).max(1000).default(100).describe('Most of them in one answer.'),
  }),
  output: z.object({
    tenants: z.array(tenantEntryData),
    /** `after` of the next page; null: this is the last one. */
    next: z.string().nullable(),
    /** How many there are in each state, of all of them. */
    counts: z.object({ active: z.int(), suspended: z.int(), deleting: z.int() }),
  }),
  async handler({ limit, ...asked }, { parts }) {
    const { page, counts } = await parts.catalog.asSystem(async (session) => ({
      // One more tells whether there is another page.
      page: await pageTenants(session, { ...asked, limit: limit + 1 }),
      counts: await countTenants(session),
    }))
    const tenants = page.slice(0, limit)
    const last = tenants.at(-1)
    return {
      tenants: tenants.map(toTenantEntryData),
      next: page.length > limit && last ? last.tenant.slug : null,
      counts: { active: 0, suspended: 0, deleting: 0, ...counts },
    }
  },
})
