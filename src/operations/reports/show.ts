import { z } from 'zod'

import { defineOperation } from '#operations/operation.ts'
import {
  reportData,
  reportField,
  toReportData,
  visibleReport,
} from '#operations/reports/report-data.ts'

export const showReport = defineOperation({
  name: 'reports.show',
  summary: 'A report: what it sends, to whom, and when next',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/reports/{report}' },
  input: z.strictObject({ report: reportField }),
  output: reportData,
  async handler({ report: name }, { parts, caller }) {
    const report = await parts.catalog.asTenant(caller.tenant, (session) =>
      visibleReport(session, name, caller),
    )
    return toReportData(report)
  },
})
