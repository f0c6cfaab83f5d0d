import { z } from 'zod'

import { parseExactJson } from '#kernel/exact-json.ts'
import { reportRunStates } from '#model/report.ts'
import { defineOperation } from '#operations/operation.ts'
import { reportField, visibleReport } from '#operations/reports/report-data.ts'
import { judgeReport } from '#reports/judge.ts'

export const previewReport = defineOperation({
  name: 'reports.preview',
  summary: 'What a report would send if it were due now, and its first rows; nothing is sent',
  permission: 'export',
  honoursAccess: true,
  rest: { method: 'GET', path: '/v1/reports/{report}/preview' },
  input: z.strictObject({
    report: reportField,
    limit: z.int().min(1).max(100).default(20).describe('Most rows of the answer.'),
  }),
  output: z.object({
    report: z.string(),
    /** What its run would come to. */
    would: z.enum(reportRunStates),
    detail: z.string(),
    /** Of the whole; null: nobody has counted them. */
    rows: z.int().nullable(),
    receipt: z.string(),
    asOf: z.iso.datetime(),
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    sample: z.array(z.record(z.string(), z.unknown())),
  }),
  async handler({ report: name, limit }, { parts, caller, signal }) {
    const { tenant } = caller
    const report = await parts.catalog.asTenant(tenant, (session) =>
      visibleReport(session, name, caller),
    )
    const verdict = await judgeReport(
      {
        catalog: parts.catalog,
        directory: parts.directory,
        answers: parts.answers,
        datasets: async (of) => (await parts.factory.forTenant(of)).datasets,
        endpoint: (of, endpoint, version) => parts.endpoints.find(of, endpoint, version),
      },
      { tenant, report, isAsked: false },
      signal,
    )
    const { answer, state } = verdict
    const page = { limit, cursor: null, format: 'json', cells: 'raw' } as const
    const { bytes } = await answer.page(page, signal)
    return {
      report: name,
      would: state,
      detail: state === 'sent' ? '' : verdict.detail,
      rows: state === 'sent' ? verdict.seen.rows : verdict.rows,
      receipt: answer.receipt.id,
      asOf: answer.receipt.asOf.toISOString(),
      columns: answer.columns.map((column) => ({ name: column.name, type: column.type })),
      sample: parseExactJson(new TextDecoder().decode(bytes)) as Record<string, unknown>[],
    }
  },
})
