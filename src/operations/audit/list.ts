import { z } from 'zod'

import { auditHead, listAudit } from '#catalog/audit.ts'
import { auditRowData, catalogOfLog, logField } from '#operations/audit/audit-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const listAuditOperation = defineOperation({
  name: 'audit.list',
  summary: 'Who did what in the tenant, newest first',
  permission: 'admin',
  home: 'tenant',
  rest: { method: 'GET', path: '/v1/audit' },
  input: z.strictObject({
    log: logField,
    limit: z.int().min(1).max(1000).default(100).describe('Most rows of the answer.'),
    before: z.int().min(1).optional().describe('Only rows before the one of this number.'),
  }),
  output: z.object({
    rows: z.array(auditRowData),
    /** For `before` of the next page; null: that was the first row. */
    next: z.int().nullable(),
  }),
  async handler({ log, limit, before }, { parts, caller }) {
    return catalogOfLog(parts, log).asTenant(caller.tenant, async (session) => {
      const end = before ?? (await auditHead(session)).seq + 1
      const after = Math.max(0, end - 1 - limit)
      const rows = await listAudit(session, after, end - 1 - after)
      return { rows: rows.toReversed(), next: after > 0 ? after + 1 : null }
    })
  },
})
