import { z } from 'zod'

import { searchAudit } from '#catalog/audit-search.ts'
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
    actor: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Only what somebody did in whose name this stands: part of an address, `mk_…`.'),
    action: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('Only this operation, `keys.create`, or those of this resource, `keys`.'),
    since: z.iso.datetime().optional().describe('Only what was done then or later.'),
    until: z.iso.datetime().optional().describe('Only what was done before that.'),
  }),
  output: z.object({
    rows: z.array(auditRowData),
    /**
     * For `before` of the next page; null: that was the first row. With a filter a page may hold few
     * rows, or none, with more behind it.
     */
    next: z.int().nullable(),
  }),
  async handler({ log, limit, before, actor, action, since, until }, { parts, caller }) {
    const filter = {
      actor: actor ?? null,
      action: action ?? null,
      since: since === undefined ? null : new Date(since),
      until: until === undefined ? null : new Date(until),
    }
    return catalogOfLog(parts, log).asTenant(caller.tenant, async (session) => {
      const end = before ?? (await auditHead(session)).seq + 1
      if (Object.values(filter).some((value) => value !== null)) {
        return searchAudit(session, filter, { end, limit })
      }
      const after = Math.max(0, end - 1 - limit)
      const rows = await listAudit(session, after, end - 1 - after)
      return { rows: rows.toReversed(), next: after > 0 ? after + 1 : null }
    })
  },
})
