import { z } from 'zod'

import { arrivalDays } from '#catalog/arrivals.ts'
import { checkDays } from '#catalog/check-grid.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { countedDatasets, daysField, lastDays } from '#operations/quality/scope.ts'

/** A tenant has fewer checks than this. */
const CHECKS_MAX = 10_000

export const qualityDays = defineOperation({
  name: 'quality.days',
  summary:
    'Day by day: rows that came in and how many were held back, checks that were kept or not',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/quality/days' },
  input: z.strictObject({ dataset: datasetField.optional(), days: daysField }),
  output: z.object({
    /** The oldest first; days without anything are there with zeros. */
    days: z.array(
      z.object({
        day: z.string(),
        received: z.int(),
        accepted: z.int(),
        repaired: z.int(),
        quarantined: z.int(),
        passed: z.int(),
        /** Warnings that were not kept, and blocking checks that were not. */
        warned: z.int(),
        blocked: z.int(),
        /** Share of rows that are usable times share of checks that were kept, 0 to 1; null: nothing came in and nothing was checked. */
        score: z.number().nullable(),
      }),
    ),
  }),
  async handler({ dataset, days }, { parts, caller }) {
    const counted = countedDatasets(parts, caller, dataset)
    const datasets = counted.map(({ name }) => name)
    const sources = counted.filter((one) => one.kind === 'source')
    const { zone, since, days: names } = await lastDays(parts, caller, days)
    const [arrivals, cells] = await parts.catalog.asTenant(caller.tenant, async (session) => [
      await arrivalDays(session, {
        datasets: sources.map(({ name }) => name),
        appended: sources.filter(({ append }) => append).map(({ name }) => name),
        since,
        zone,
      }),
      await checkDays(session, {
        datasets,
        after: { dataset: '', check: '' },
        limit: CHECKS_MAX,
        since,
        zone,
      }),
    ])
    const table = new Map(names.map((day) => [day, { ...nothing }]))
    for (const { day, ...counts } of arrivals) {
      const row = table.get(day)
      if (!row) continue
      for (const field of rowFields) row[field] += counts[field]
    }
    for (const { slot, severity, passed, failed } of cells) {
      const row = table.get(slot)
      if (!row) continue
      row.passed += passed
      row[severity === 'blocking' ? 'blocked' : 'warned'] += failed
    }
    return {
      days: Array.from(table, ([day, counts]) => ({ day, ...counts, score: scoreOf(counts) })),
    }
  },
})

const rowFields = ['received', 'accepted', 'repaired', 'quarantined'] as const
const nothing = {
  received: 0,
  accepted: 0,
  repaired: 0,
  quarantined: 0,
  passed: 0,
  warned: 0,
  blocked: 0,
}

function scoreOf({
  received,
  quarantined,
  passed,
  warned,
  blocked,
}: typeof nothing): number | null {
  const checks = passed + warned + blocked
  if (received === 0 && checks === 0) return null
  const usable = received === 0 ? 1 : 1 - quarantined / received
  return usable * (checks === 0 ? 1 : passed / checks)
}
