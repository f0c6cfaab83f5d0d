import { z } from 'zod'

import { exportTenant } from '#archive/export-tenant.ts'
import { defineOperation } from '#operations/operation.ts'
import { slugField } from '#operations/tenants/setting-fields.ts'
import { refuseInCell } from '#operations/tenants/refuse-in-cell.ts'
import { targetTenant } from '#operations/tenants/target-tenant.ts'

export const exportTenantOperation = defineOperation({
  name: 'tenants.export',
  summary: 'All of a tenant as one archive: configuration, data and history',
  permission: 'owner',
  audit: [],
  rest: { method: 'POST', path: '/v1/tenants/{slug}/export' },
  input: z.strictObject({ slug: slugField.describe('Its name in addresses.') }),
  output: 'stream',
  async handler({ slug }, { parts, caller }) {
    const tenant = await targetTenant(parts, caller, slug)
    await refuseInCell(parts, tenant)
    const archive = await exportTenant(parts, tenant)
    const { manifest, sizeBytes, fileName } = archive
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    return {
      contentType: 'application/x-tar',
      fileName,
      rows,
      totalRows: rows,
      partitions: manifest.files,
      partitionsAsked: manifest.files,
      commitNumber: manifest.commitNumber,
      // No two are alike: each tells when it was made.
      etag: `"${slug}-${Date.parse(manifest.madeAt)}"`,
      sizeBytes,
      open: async (signal) => archive.open(signal),
      close: () => archive.close(),
    }
  },
})
