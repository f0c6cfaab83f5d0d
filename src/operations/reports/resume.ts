import { z } from 'zod'

import { setReportState } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  reportData,
  reportField,
  toReportData,
  visibleReport,
} from '#operations/reports/report-data.ts'
import { nextReportTime } from '#reports/next-time.ts'

export const resumeReport = defineOperation({
  name: 'reports.resume',
  summary: 'Send a report again; what passed meanwhile is not made up for',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'POST', path: '/v1/reports/{report}/resume' },
  input: z.strictObject({ report: reportField }),
  output: reportData,
  async handler({ report: name }, { parts, caller }) {
    const report = await parts.catalog.asTenant(caller.tenant, async (session) => {
      const known = await visibleReport(session, name, caller)
      const nextAt = nextReportTime(known, parts.clock.now())
      await setReportState(session, name, { state: 'active', nextAt })
      return visibleReport(session, name, caller)
    })
    return toReportData(report)
  },
})
