import { z } from 'zod'

import { listFixes } from '#catalog/fixes.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

const place = z.tuple([z.string(), z.string(), z.string(), z.string()])

export const quarantineFixes = defineOperation({
  name: 'quarantine.fixes',
  summary: 'Fixes of rows that were held back: those that wait, and those that are applied',
  permission: 'write',
  rest: { method: 'GET', path: '/v1/quarantine/fixes' },
  input: z.strictObject({
    dataset: datasetField.optional(),
    state: z.enum(['pending', 'applied']).optional().describe('Only those in this state.'),
    limit: z.int().min(1).max(1_000).default(100).describe('Most fixes of the answer.'),
    after: z
      .string()
      .min(1)
      .max(4_000)
      .optional()
      .describe('Only what comes behind: `next` of the former page.'),
  }),
  output: z.object({
    fixes: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        record: z.string(),
        state: z.enum(['pending', 'applied']),
        line: z.int(),
        reason: z.string(),
        /** Null: it spoke of somebody who is erased. */
        action: z
          .object({
            kind: z.enum(['replace', 'set', 'drop', 'withdraw']),
            record: z.string().optional(),
            values: z.record(z.string(), z.string().nullable()).optional(),
            reason: z.string().optional(),
          })
          .nullable(),
        createdAt: z.iso.datetime(),
        createdBy: z.string(),
        appliedAt: z.iso.datetime().nullable(),
        /** Of a row that was sent: the replay that did what it says. */
        acknowledgement: z.string().nullable(),
      }),
    ),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ dataset, state, limit, after }, { parts, caller }) {
    if (dataset !== undefined) sourceOf(parts, dataset)
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listFixes(session, {
        dataset: dataset ?? null,
        state: state ?? null,
        after: placeOf(after),
        limit: limit + 1,
      }),
    )
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      fixes: page.map((fix) => ({
        ...fix,
        createdAt: fix.createdAt.toISOString(),
        appliedAt: fix.appliedAt?.toISOString() ?? null,
      })),
      next:
        found.length > limit && last
          ? JSON.stringify([last.dataset, last.partition, last.record, last.state])
          : null,
    }
  },
})

/** A cursor of nobody's making leads to the beginning. */
function placeOf(cursor: string | undefined) {
  try {
    return place.safeParse(JSON.parse(cursor ?? 'null')).data ?? null
  } catch {
    return null
  }
}
