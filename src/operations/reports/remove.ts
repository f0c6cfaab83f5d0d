import { z } from 'zod'

import { removeReport } from '#catalog/reports.ts'
import { defineOperation } from '#operations/operation.ts'
import { reportField, visibleReport } from '#operations/reports/report-data.ts'

export const removeReportOperation = defineOperation({
  name: 'reports.remove',
  summary: 'Forget a report and its history; what it has sent stays',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'DELETE', path: '/v1/reports/{report}' },
  input: z.strictObject({ report: reportField }),
  output: z.object({ report: z.string() }),
  async handler({ report: name }, { parts, caller }) {
    await parts.catalog.asTenant(caller.tenant, async (session) => {
      await visibleReport(session, name, caller)
      await removeReport(session, name)
    })
    return { report: name }
  },
})
