import { z } from 'zod'

import { listReportRuns } from '#catalog/reports.ts'
import { reportRunStates } from '#model/report.ts'
import { defineOperation } from '#operations/operation.ts'
import { reportField, visibleReport } from '#operations/reports/report-data.ts'

export const reportHistory = defineOperation({
  name: 'reports.history',
  summary: 'What came of a report each time, newest first',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/reports/{report}/history' },
  input: z.strictObject({
    report: reportField,
    after: z.int().min(1).optional().describe('Only those before this number (`next`).'),
    limit: z.int().min(1).max(1000).default(100).describe('Most runs of the answer.'),
  }),
  output: z.object({
    runs: z.array(
      z.object({
        number: z.int(),
        at: z.iso.datetime(),
        state: z.enum(reportRunStates),
        rows: z.int().nullable(),
        receipt: z.string().nullable(),
        delivery: z.string().nullable(),
        detail: z.string(),
      }),
    ),
    next: z.int().nullable(),
  }),
  async handler({ report, after = null, limit }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await visibleReport(session, report, caller)
      return listReportRuns(session, { report, after, limit: limit + 1 })
    })
    const page = found.slice(0, limit)
    return {
      runs: page.map(({ at, deliveryId: delivery, ...run }) => ({
        ...run,
        at: at.toISOString(),
        delivery,
      })),
      next: found.length > limit ? (page.at(-1)?.number ?? null) : null,
    }
  },
})
