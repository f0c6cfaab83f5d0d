import { z } from 'zod'

import { backfillParts } from '#catalog/backfills.ts'
import {
  backfillData,
  backfillField,
  backfillTenantData,
  findBackfill,
  toBackfillData,
  toBackfillTenantData,
  visibleTo,
} from '#operations/backfills/backfill-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const showBackfill = defineOperation({
  name: 'backfills.show',
  summary: 'A backfill with the run of each tenant and how far it is',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/backfills/{backfill}' },
  input: z.strictObject({
    backfill: backfillField,
    after: z.string().max(60).optional().describe('Name of a tenant: only those after it.'),
    limit: z.int().min(1).max(10_000).default(1000).describe('Most tenants of the answer.'),
  }),
  output: z.object({ backfill: backfillData, tenants: z.array(backfillTenantData) }),
  async handler({ backfill: text, after, limit }, { parts, caller }) {
    const backfill = await findBackfill(parts, caller, text)
    const tenants = await parts.catalog.asSystem((session) =>
      backfillParts(session, backfill.id, { tenant: visibleTo(caller), after, limit }),
    )
    return { backfill: toBackfillData(backfill), tenants: tenants.map(toBackfillTenantData) }
  },
})
