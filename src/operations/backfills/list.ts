import { z } from 'zod'

import { listBackfills } from '#catalog/backfills.ts'
import { backfillData, toBackfillData, visibleTo } from '#operations/backfills/backfill-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listBackfillsOperation = defineOperation({
  name: 'backfills.list',
  summary: 'Backfills with how far they are, newest first',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/backfills' },
  input: z.strictObject({
    limit: z.int().min(1).max(1000).default(20).describe('Most backfills of the answer.'),
  }),
  output: z.object({ backfills: z.array(backfillData) }),
  async handler({ limit }, { parts, caller }) {
    const backfills = await parts.catalog.asSystem((session) =>
      listBackfills(session, { limit, tenant: visibleTo(caller) }),
    )
    return { backfills: backfills.map(toBackfillData) }
  },
})
