import { z } from 'zod'

import { createReport } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import { newReportField, reportData, toReportData } from '#operations/reports/report-data.ts'
import { reportFields, wantedReport } from '#operations/reports/wanted-report.ts'

export const createReportOperation = defineOperation({
  name: 'reports.create',
  summary: 'Have an answer sent again and again: by the clock, or when something was published',
  permission: 'export',
  honoursAccess: true,
  audit: ['dataset', 'partition', 'endpoint', 'format', 'mail', 'target', 'cron'],
  rest: {
    method: 'POST',
    path: '/v1/reports',
    gathers: { where: 'where.', parameters: 'parameters.' },
  },
  input: z.strictObject({ report: newReportField, ...reportFields }),
  output: reportData,
  async handler({ report: name, ...wanted }, { parts, caller }) {
    const fresh = await wantedReport({ parts, caller }, name, wanted)
    const report = await parts.catalog.asTenant(caller.tenant, (session) =>
      createReport(session, fresh),
    )
    return toReportData(report)
  },
})
