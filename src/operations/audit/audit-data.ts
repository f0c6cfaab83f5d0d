import { z } from 'zod'

import type { Catalog } from '#catalog/catalog.ts'
import type { Parts } from '#operations/parts.ts'

/** A row as it was hashed: whoever has all of them can follow the chain. */
export const auditRowData = z
  .object({
    seq: z.int(),
    at: z.string(),
    actor: z.string(),
    action: z.string(),
    /** JSON as text. */
    detail: z.string(),
    requestId: z.string().nullable(),
    hash: z.string(),
  })
  .meta({ entity: 'AuditRow' })

/** A tenant in a cell has two logs, for a change and its row are one transaction; any other has one. */
export const logField = z
  .enum(['directory', 'cell'])
  .default('directory')
  .describe(
    'Of a tenant in a cell: `directory` tells what was done about people, keys and settings, `cell` what was done with its data.',
  )

/** For operations whose home is the tenant's place. */
export function catalogOfLog(parts: Parts, log: 'directory' | 'cell'): Catalog {
  return log === 'cell' ? parts.catalog : parts.directory
}
