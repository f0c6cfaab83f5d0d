import { z } from 'zod'

import { changeReport } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  reportData,
  reportField,
  toReportData,
  visibleReport,
} from '#operations/reports/report-data.ts'
import { reportFields, wantedReport } from '#operations/reports/wanted-report.ts'

export const updateReport = defineOperation({
  name: 'reports.update',
  summary: 'Say anew what a report sends, to whom and when; it is in your name then',
  permission: 'export',
  honoursAccess: true,
  audit: ['dataset', 'partition', 'endpoint', 'format', 'mail', 'target', 'cron'],
  rest: {
    method: 'POST',
    path: '/v1/reports/{report}',
    gathers: { where: 'where.', parameters: 'parameters.' },
  },
  input: z.strictObject({ report: reportField, ...reportFields }),
  output: reportData,
  async handler({ report: name, ...wanted }, { parts, caller }) {
    const { catalog } = parts
    await catalog.asTenant(caller.tenant, (session) => visibleReport(session, name, caller))
    const fresh = await wantedReport({ parts, caller }, name, wanted)
    const report = await catalog.asTenant(caller.tenant, async (session) => {
      await visibleReport(session, name, caller)
      return changeReport(session, fresh)
    })
    return toReportData(report)
  },
})
