import { Readable } from 'node:stream'
import { z } from 'zod'

import { auditHead } from '#catalog/audit.ts'
import { auditRows } from '#catalog/audit-chain.ts'
import { catalogOfLog, logField } from '#operations/audit/audit-data.ts'
import { defineOperation } from '#operations/operation.ts'

export const exportAudit = defineOperation({
  name: 'audit.export',
  summary: "The tenant's whole log, a row a line; `millrace audit verify-file` follows it anywhere",
  permission: 'admin',
  home: 'tenant',
  rest: { method: 'GET', path: '/v1/audit/export' },
  input: z.strictObject({ log: logField }),
  output: 'stream',
  async handler({ log }, { parts, caller }) {
    const { tenant } = caller
    const catalog = catalogOfLog(parts, log)
    const { seq, hash } = await catalog.asTenant(tenant, auditHead)
    async function* lines() {
      for await (const row of auditRows(catalog, tenant, seq)) yield `${JSON.stringify(row)}\n`
    }
    return {
      contentType: 'application/x-ndjson',
      fileName: `audit-${tenant.slug}.ndjson`,
      rows: seq,
      totalRows: seq,
      partitions: 0,
      partitionsAsked: 0,
      commitNumber: 0,
      etag: `"${hash.slice(0, 32)}"`,
      open: async (signal) =>
        Readable.from(lines(), { objectMode: false, ...(signal && { signal }) }),
    }
  },
})
