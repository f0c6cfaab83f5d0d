import { z } from 'zod'

import { listRepairs } from '#catalog/repairs.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { repairData, toRepairData } from '#operations/repairs/repair-data.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

export const listRepairRules = defineOperation({
  name: 'repairs.list',
  summary: 'Repairs of sources, in the order in which they work',
  permission: 'read',
  rest: { method: 'GET', path: '/v1/repairs' },
  input: z.strictObject({
    dataset: datasetField.optional(),
    limit: z.int().min(1).max(1_000).default(100).describe('Most repairs of the answer.'),
    after: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Only what comes behind: `next` of the former page.'),
  }),
  output: z.object({
    repairs: z.array(repairData),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ dataset, limit, after }, { parts, caller }) {
    if (dataset !== undefined) sourceOf(parts, dataset)
    const asked = { dataset: dataset ?? null, after: after ?? '', limit: limit + 1 }
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listRepairs(session, asked),
    )
    const page = found.slice(0, limit)
    return {
      repairs: page.map(toRepairData),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    }
  },
})
