import { z } from 'zod'

import { heldReasons } from '#catalog/held-reasons.ts'
import { maySee } from '#model/access.ts'
import { seenRows } from '#model/seen-rows.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { sourceOf } from '#operations/sources/source-options.ts'
import { visibleParts } from '#operations/datasets/visible.ts'

export const quarantineReasons = defineOperation({
  name: 'quarantine.reasons',
  summary: 'How many rows are held back, by source, partition and reason',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/quarantine' },
  input: z.strictObject({
    dataset: datasetField.optional(),
    limit: z.int().min(1).max(1_000).default(100).describe('Most partitions of the answer.'),
    after: z
      .string()
      .min(1)
      .max(2_500)
      .optional()
      .describe('Only what comes behind: `next` of the former page, a dataset and its partition.'),
  }),
  output: z.object({
    partitions: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        quarantined: z.int(),
        reasons: z.array(z.object({ reason: z.string(), rows: z.int() })),
      }),
    ),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ dataset, limit, after }, { parts, caller }) {
    if (dataset !== undefined) sourceOf(visibleParts(parts, caller), dataset)
    const { access } = caller
    // Counts of a dataset of which a part is seen would tell of the rest.
    const seen = parts.factory.datasets
      .filter(({ name, kind }) => kind === 'source' && (dataset === undefined || name === dataset))
      .filter(({ name }) => maySee(access, name) && seenRows(access, name) === null)
      .map(({ name }) => name)
    const [afterDataset = '', afterPartition = ''] = after?.split(' ') ?? []
    const place = { dataset: afterDataset, partition: afterPartition }
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      heldReasons(session, seen, place, limit + 1),
    )
    const partitions = found.slice(0, limit)
    const last = partitions.at(-1)
    return {
      partitions,
      next: found.length > limit && last ? `${last.dataset} ${last.partition}` : null,
    }
  },
})
