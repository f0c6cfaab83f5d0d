import { z } from 'zod'

import { listTargets } from '#catalog/delivery-targets.ts'
import { defineOperation } from '#operations/operation.ts'
import { targetData, targetField, toTargetData } from '#operations/targets/target-data.ts'

export const listTargetsOperation = defineOperation({
  name: 'targets.list',
  summary: 'Places that deliveries go to, by name',
  permission: 'write',
  rest: { method: 'GET', path: '/v1/targets' },
  input: z.strictObject({
    after: targetField.optional().describe('Only those behind this name (`next`).'),
    limit: z.int().min(1).max(1000).default(100).describe('Most targets of the answer.'),
  }),
  output: z.object({ targets: z.array(targetData), next: z.string().nullable() }),
  async handler({ after = '', limit }, { parts, caller }) {
    const rows = await parts.catalog.asTenant(caller.tenant, (session) =>
      listTargets(session, { after, limit: limit + 1 }),
    )
    const page = rows.slice(0, limit)
    return {
      targets: page.map(toTargetData),
      next: rows.length > limit ? (page.at(-1)?.name ?? null) : null,
    }
  },
})
