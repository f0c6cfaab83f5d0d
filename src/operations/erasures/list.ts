import { z } from 'zod'

import { listErasures } from '#catalog/erasures.ts'
import { erasureData, toErasureData } from '#operations/erasures/erasure-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listErasuresOperation = defineOperation({
  name: 'erasures.list',
  summary: 'Requests to erase subjects, newest first',
  permission: 'admin',
  home: 'tenant',
  rest: { method: 'GET', path: '/v1/erasures' },
  input: z.strictObject({
    limit: z.int().min(1).max(1_000).default(100).describe('Most requests of the answer.'),
    after: z.string().max(100).optional().describe('Goes on from here: `next` of the former page.'),
  }),
  output: z.object({ erasures: z.array(erasureData), next: z.string().nullable() }),
  async handler({ limit, after = null }, { parts, caller }) {
    const erasures = await parts.catalog.asTenant(caller.tenant, (session) =>
      listErasures(session, { after, limit }),
    )
    const next = erasures.length < limit ? null : (erasures.at(-1)?.id ?? null)
    return { erasures: erasures.map(toErasureData), next }
  },
})
