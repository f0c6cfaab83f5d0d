import { z } from 'zod'

import { listOutcomes } from '#catalog/check-outcomes.ts'
import { runOf } from '#model/run.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { countedDataset, lastDays } from '#operations/quality/scope.ts'

const place = z.tuple([z.string(), z.int(), z.string()])

export const qualityOutcomes = defineOperation({
  name: 'quality.outcomes',
  summary: 'What the checks of a dataset found, version by version, newest first',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/quality/{dataset}/outcomes' },
  input: z.strictObject({
    dataset: datasetField,
    check: z.string().min(1).max(500).optional().describe('Only this check.'),
    partition: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .meta({ names: 'partition' })
      .describe('Only this partition, by its whole key.'),
    day: z.iso.date().optional().describe("Only what was found on that day of the tenant's zone."),
    only: z
      .enum(['kept', 'failed'])
      .optional()
      .describe('Only those that were kept, or those that were not.'),
    limit: z.int().min(1).max(1_000).default(100).describe('Most findings of the answer.'),
    after: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe('Only what comes behind: `next` of the former page.'),
  }),
  output: z.object({
    outcomes: z.array(
      z.object({
        dataset: z.string(),
        partition: z.string(),
        version: z.int(),
        at: z.iso.datetime(),
        check: z.string(),
        severity: z.enum(['blocking', 'warning']),
        passed: z.boolean(),
        /** Null: the rule is about the whole. */
        failingRows: z.int().nullable(),
        message: z.string(),
        /** held: a blocking check kept the version from being published. */
        state: z.enum(['published', 'held']),
        isCurrent: z.boolean(),
        run: z.string().nullable(),
      }),
    ),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler(input, { parts, caller }) {
    const { dataset, check = null, partition = null, day, only, limit, after } = input
    countedDataset(parts, caller, dataset, 'quality.outcomes')
    const { zone } = await lastDays(parts, caller, 1)
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listOutcomes(session, {
        dataset,
        check,
        partition,
        passed: only === undefined ? null : only === 'kept',
        day: day === undefined ? null : { date: day, zone },
        after: placeOf(after),
        limit: limit + 1,
      }),
    )
    const page = found.slice(0, limit)
    const last = page.at(-1)
    return {
      outcomes: page.map((one) => ({
        dataset: one.dataset,
        partition: one.partition,
        version: one.versionId,
        at: one.at.toISOString(),
        check: one.name,
        severity: one.severity,
        passed: one.passed,
        failingRows: one.failingRows,
        message: one.message,
        state: one.state,
        isCurrent: one.isCurrent,
        run: runOf(one.runId),
      })),
      next:
        found.length > limit && last
          ? JSON.stringify([last.atText, last.versionId, last.name])
          : null,
    }
  },
})

/** A cursor of nobody's making leads to the beginning. */
function placeOf(cursor: string | undefined) {
  try {
    const read = place.safeParse(JSON.parse(cursor ?? 'null')).data
    if (!read || Number.isNaN(Date.parse(read[0].replace(/\+\d\d$/, 'Z')))) return null
    return { at: read[0], versionId: read[1], name: read[2] }
  } catch {
    return null
  }
}
