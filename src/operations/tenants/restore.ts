import { z } from 'zod'

import { restoreTenant } from '#archive/restore-tenant.ts'
import type { Tenant } from '#model/tenant.ts'
import { defineOperation } from '#operations/operation.ts'

export const restoreTenantOperation = defineOperation({
  name: 'tenants.restore',
  summary: 'Bring a tenant back from an archive, or over from another deployment',
  permission: 'operator',
  audit: ['file', 'slug'],
  rest: { method: 'POST', path: '/v1/tenant-restores' },
  argumentFields: ['file'],
  input: z.strictObject({
    file: z
      .string()
      .min(1)
      .max(4000)
      .describe('The archive: a file that the process which carries this out can read.')
      .meta({ isLocalFile: true }),
    slug: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .describe('Its name here; default: the one that it had.'),
  }),
  output: z.object({
    slug: z.string(),
    /** Its name where the archive was made, and when that was. */
    from: z.string(),
    madeAt: z.iso.datetime(),
    commitNumber: z.int(),
    rows: z.int(),
    files: z.int(),
    bytes: z.int(),
    /** What nobody can carry over: keys, and secrets of sources and handlers. */
    enterAgain: z.array(z.string()),
  }),
  async handler({ file, slug = null }, { parts, caller, signal }) {
    const by = caller.name
    const replayErasures = (tenant: Tenant) => parts.replayErasures(tenant, { by, signal })
    const request = { file, slug, by, replayErasures }
    const { tenant, manifest } = await restoreTenant(parts, request, { signal })
    parts.log.info('tenant restored', { tenant: tenant.slug, by: caller.name })
    return {
      slug: tenant.slug,
      from: manifest.slug,
      madeAt: manifest.madeAt,
      commitNumber: manifest.commitNumber,
      rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
      files: manifest.files,
      bytes: manifest.bytes,
      enterAgain: manifest.enterAgain,
    }
  },
})
