import { z } from 'zod'

import { setReportState } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  reportData,
  reportField,
  toReportData,
  visibleReport,
} from '#operations/reports/report-data.ts'

export const pauseReport = defineOperation({
  name: 'reports.pause',
  summary: 'Send a report no more until it is resumed',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'POST', path: '/v1/reports/{report}/pause' },
  input: z.strictObject({ report: reportField }),
  output: reportData,
  async handler({ report: name }, { parts, caller }) {
    const report = await parts.catalog.asTenant(caller.tenant, async (session) => {
      await visibleReport(session, name, caller)
      await setReportState(session, name, { state: 'paused', nextAt: null })
      return visibleReport(session, name, caller)
    })
    return toReportData(report)
  },
})
