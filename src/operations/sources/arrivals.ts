import { z } from 'zod'

import { listArrivals } from '#catalog/arrivals.ts'
import { runOf } from '#model/run.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { countedDataset, lastDays } from '#operations/quality/scope.ts'
import { sourceOf } from '#operations/sources/source-options.ts'

const place = z.tuple([z.string(), z.int()])

export const sourceArrivals = defineOperation({
  name: 'sources.arrivals',
  summary: 'Every reading of a source, newest first: the object, and what became of its rows',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/sources/{dataset}/arrivals' },
  input: z.strictObject({
    dataset: datasetField,
    partition: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .meta({ names: 'partition' })
      .describe('Only this partition, by its whole key.'),
    days: z
      .int()
      .min(1)
      .max(800)
      .optional()
      .describe("Only of so many days, today in the tenant's time zone among them."),
    limit: z.int().min(1).max(1_000).default(100).describe('Most readings of the answer.'),
    after: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Only what comes behind: `next` of the former page.'),
  }),
  output: z.object({
    dataset: z.string(),
    arrivals: z.array(
      z.object({
        partition: z.string(),
        version: z.int(),
        at: z.iso.datetime(),
        /** When the object was changed last, as its system says. */
        modifiedAt: z.iso.datetime(),
        location: z.string(),
        sizeBytes: z.int(),
        state: z.enum(['published', 'held']),
        isCurrent: z.boolean(),
        received: z.int(),
        accepted: z.int(),
        repaired: z.int(),
        quarantined: z.int(),
        withheld: z.int(),
        erased: z.int(),
        /** Rows that are stored. */
        rows: z.int(),
        reasons: z.array(z.object({ reason: z.string(), rows: z.int() })),
        run: z.string().nullable(),
      }),
    ),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ dataset, partition = null, days, limit, after }, { parts, caller }) {
    countedDataset(parts, caller, dataset, 'sources.arrivals')
    sourceOf(parts, dataset)
    const since = days === undefined ? null : (await lastDays(parts, caller, days)).since
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listArrivals(session, { dataset, partition, since, after: placeOf(after), limit: limit + 1 }),
    )
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      dataset,
      arrivals: page.map(({ origin, ...one }) => ({
        partition: one.partition,
        version: one.versionId,
        at: one.at.toISOString(),
        state: one.state,
        isCurrent: one.isCurrent,
        rows: one.rows,
        run: runOf(one.runId),
        modifiedAt: origin.modifiedAt,
        location: origin.location,
        sizeBytes: origin.sizeBytes,
        received: origin.received,
        accepted: origin.accepted,
        repaired: origin.repaired,
        quarantined: origin.quarantined,
        withheld: origin.withheld ?? 0,
        erased: origin.erased ?? 0,
        reasons: [...origin.reasons],
      })),
      next: found.length > limit && last ? JSON.stringify([last.atText, last.versionId]) : null,
    }
  },
})

/** A cursor of nobody's making leads to the beginning. */
function placeOf(cursor: string | undefined) {
  try {
    const read = place.safeParse(JSON.parse(cursor ?? 'null')).data
    if (!read || Number.isNaN(Date.parse(read[0].replace(/\+\d\d$/, 'Z')))) return null
    return { at: read[0], versionId: read[1] }
  } catch {
    return null
  }
}
