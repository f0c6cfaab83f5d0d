import { z } from 'zod'

import { checkDays, checkPartitions, VERSIONS_MAX } from '#catalog/check-grid.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField } from '#operations/partition-input.ts'
import { countedDatasets, daysField, lastDays } from '#operations/quality/scope.ts'

export const qualityChecks = defineOperation({
  name: 'quality.checks',
  summary: 'What checks came to, by check and day, or by check and partition',
  permission: 'read',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/quality/checks' },
  input: z.strictObject({
    dataset: datasetField.optional(),
    by: z
      .enum(['day', 'partition'])
      .default('day')
      .describe(
        'day: all versions that were made on it; partition: the newest version of each partition.',
      ),
    days: daysField,
    partitions: z
      .int()
      .min(1)
      .max(120)
      .default(31)
      .describe('Newest partitions of each dataset that are looked at, by partition.'),
    limit: z.int().min(1).max(500).default(100).describe('Most checks of the answer.'),
    after: z
      .string()
      .min(1)
      .max(2_500)
      .optional()
      .describe('Only what comes behind: `next` of the former page, a dataset and its check.'),
  }),
  output: z.object({
    /** By day: all that are looked at, the oldest first. By partition: empty. */
    days: z.array(z.string()),
    /** Datasets of which the newest 5,000 versions are looked at alone: older days are not told. */
    cut: z.array(z.string()),
    checks: z.array(
      z.object({
        dataset: z.string(),
        check: z.string(),
        severity: z.enum(['blocking', 'warning']),
        cells: z.array(
          z.object({
            /** A day, or a partition. */
            slot: z.string(),
            passed: z.int(),
            failed: z.int(),
            /** Rows that broke the rule, of the failures that count rows. */
            failingRows: z.int(),
          }),
        ),
      }),
    ),
    /** For `after` of the next page; null: that was the last. */
    next: z.string().nullable(),
  }),
  async handler({ dataset, by, days, partitions, limit, after }, { parts, caller }) {
    const datasets = countedDatasets(parts, caller, dataset).map(({ name }) => name)
    const [afterDataset = '', ...afterCheck] = after?.split(' ') ?? []
    const place = { dataset: afterDataset, check: afterCheck.join(' ') }
    const asked = { datasets, after: place, limit: limit + 1 }
    const looked = await lastDays(parts, caller, days)
    const cells = await parts.catalog.asTenant(caller.tenant, (session) =>
      by === 'day'
        ? checkDays(session, { ...asked, since: looked.since, zone: looked.zone })
        : checkPartitions(session, { ...asked, partitions }),
    )
    const known = new Set(looked.days)
    const checks = new Map<string, Row>()
    for (const { dataset: of, check, severity, ...cell } of cells) {
      const row: Row = checks.get(`${of} ${check}`) ?? { dataset: of, check, severity, cells: [] }
      checks.set(`${of} ${check}`, row)
      if (by === 'partition' || known.has(cell.slot)) row.cells.push(cell)
    }
    const page = [...checks.values()].slice(0, limit)
    const last = page.at(-1)
    return {
      days: by === 'day' ? [...looked.days] : [],
      cut: [
        ...new Set(page.filter((row) => findings(row) >= VERSIONS_MAX).map((row) => row.dataset)),
      ],
      checks: page,
      next: checks.size > limit && last ? `${last.dataset} ${last.check}` : null,
    }
  },
})

/** Every version has one of each check. */
function findings({ cells }: Row): number {
  return cells.reduce((sum, { passed, failed }) => sum + passed + failed, 0)
}

interface Row {
  readonly dataset: string
  readonly check: string
  readonly severity: 'blocking' | 'warning'
  readonly cells: { slot: string; passed: number; failed: number; failingRows: number }[]
}
