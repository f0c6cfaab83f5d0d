import { z } from 'zod'

import { verifyAudit } from '#catalog/audit-chain.ts'
import { catalogOfLog, logField } from '#operations/audit/audit-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const verifyAuditOperation = defineOperation({
  name: 'audit.verify',
  summary: "Follow the tenant's log from its first row: each must follow from those before it",
  permission: 'admin',
  home: 'tenant',
  rest: { method: 'GET', path: '/v1/audit/verify' },
  input: z.strictObject({ log: logField }),
  output: z.object({
    rows: z.int(),
    /** Number and hash of the newest row: keep them elsewhere, and nobody can shorten or rewrite the log. */
    head: z.object({ seq: z.int(), hash: z.string() }),
    broken: z.object({ seq: z.int(), problem: z.string() }).nullable(),
  }),
  handler: ({ log }, { parts, caller }) => verifyAudit(catalogOfLog(parts, log), caller.tenant),
})
