import { z } from 'zod'

import {
  heldData,
  heldFields,
  holding,
  originsOf,
  placeAfter,
  placeOf,
} from '#operations/quarantine/held-input.ts'
import { defineOperation } from '#operations/operation.ts'
import { readHeld } from '#serving/held-rows.ts'

export const listQuarantine = defineOperation({
  name: 'quarantine.list',
  summary: 'Rows of a source that were held back: file, line, column and why',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/datasets/{dataset}/quarantine' },
  input: z.strictObject({
    ...heldFields,
    limit: z.int().min(0).max(1_000).default(100).describe('Most rows of the answer.'),
    after: z
      .string()
      .min(1)
      .max(4_000)
      .optional()
      .describe('Only what comes behind: `next` of the former page.'),
  }),
  output: z.object({
    dataset: z.string(),
    partitions: z.array(
      z.object({
        partition: z.string(),
        location: z.string(),
        received: z.int(),
        accepted: z.int(),
        repaired: z.int(),
        quarantined: z.int(),
        withheld: z.int(),
        erased: z.int(),
        /** Of CSV: the names of a row's fields, in the file's order. */
        header: z.array(z.string()).nullable(),
      }),
    ),
    /** Of the partitions, whichever reason was asked for. */
    reasons: z.array(z.object({ reason: z.string(), rows: z.int() })),
    quarantined: z.int(),
    rows: z.array(heldData),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ dataset, partition, reason, limit, after }, { parts, caller, signal }) {
    const asked = await originsOf(parts, caller, dataset, partition, 'quarantine.list')
    const reasons = new Map<string, number>()
    for (const { origin } of asked) {
      for (const { reason: why, rows } of origin.reasons) {
        reasons.set(why, (reasons.get(why) ?? 0) + rows)
      }
    }
    const request = {
      dataset,
      partitions: holding(asked, reason),
      where: { reason: reason ?? null, records: null, lines: null },
      after: placeOf(after),
      limit: limit + 1,
    }
    const found = limit === 0 ? [] : await readHeld(parts, caller.tenant, request, signal)
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    return {
      dataset,
      partitions: asked.map(({ partition: key, origin }) => ({
        partition: key,
        location: origin.location,
        received: origin.received,
        accepted: origin.accepted,
        repaired: origin.repaired,
        quarantined: origin.quarantined,
        withheld: origin.withheld ?? 0,
        erased: origin.erased ?? 0,
        header: origin.header ? [...origin.header] : null,
      })),
      reasons: [...reasons]
        .map(([why, count]) => ({ reason: why, rows: count }))
        .toSorted((a, b) => b.rows - a.rows || (a.reason < b.reason ? -1 : 1)),
      quarantined: asked.reduce((sum, { origin }) => sum + origin.quarantined, 0),
      rows,
      next: found.length > limit && last ? placeAfter(last) : null,
    }
  },
})
