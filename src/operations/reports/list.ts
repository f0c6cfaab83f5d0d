import { z } from 'zod'

import { listReports } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  reportData,
  reportField,
  seesReport,
  toReportData,
} from '#operations/reports/report-data.ts'

export const listReportsOperation = defineOperation({
  name: 'reports.list',
  summary: 'Reports, by name',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/reports' },
  input: z.strictObject({
    after: reportField.optional().describe('Only those behind this name (`next`).'),
    limit: z.int().min(1).max(1000).default(100).describe('Most reports of the answer.'),
  }),
  output: z.object({ reports: z.array(reportData), next: z.string().nullable() }),
  async handler({ after = '', limit }, { parts, caller }) {
    const found = await parts.catalog.asTenant(caller.tenant, (session) =>
      listReports(session, { after, limit: limit + 1 }),
    )
    const page = found.slice(0, limit)
    return {
      reports: page.filter((report) => seesReport(report, caller)).map(toReportData),
      next: found.length > limit ? (page.at(-1)?.name ?? null) : null,
    }
  },
})
