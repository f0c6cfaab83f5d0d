import { z } from 'zod'

import { listDeletions } from '#catalog/archive-deletion.ts'
import { defineOperation } from '#operations/operation.ts'
import { deletionData, toDeletionData } from '#operations/tenants/deletion-data.ts'

export const listDeletionsOperation = defineOperation({
  name: 'tenants.deletions',
  summary: 'Tenants that were deleted, or are about to be, each with its proof',
  permission: 'operator',
  rest: { method: 'GET', path: '/v1/tenant-deletions' },
  input: z.strictObject({
    slug: z.string().min(1).max(60).optional().describe('Of this tenant only.'),
    after: z.string().max(60).default('').describe('Names that sort after this one.'),
    limit: z.int().min(1).max(1000).default(100).describe('At most so many.'),
  }),
  output: z.object({ deletions: z.array(deletionData) }),
  async handler({ slug = null, after, limit }, { parts }) {
    const deletions = await parts.catalog.asSystem((session) =>
      listDeletions(session, { slug, after, limit }),
    )
    return { deletions: deletions.map(toDeletionData) }
  },
})
