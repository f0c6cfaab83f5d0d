import { z } from 'zod'

import { askForReport } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  reportData,
  reportField,
  toReportData,
  visibleReport,
} from '#operations/reports/report-data.ts'

export const runReport = defineOperation({
  name: 'reports.run',
  summary: 'Send a report now, also where nothing has changed or it is paused',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'POST', path: '/v1/reports/{report}/run' },
  input: z.strictObject({ report: reportField }),
  output: reportData,
  async handler({ report: name }, { parts, caller }) {
    const report = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await visibleReport(session, name, caller)
      await askForReport(session, name)
      return visibleReport(session, name, caller)
    })
    return toReportData(report)
  },
})
