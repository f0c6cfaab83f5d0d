import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/**
 * Rows of a tenant in a cell are in two catalogs: whatever is to take all of them, or to prove that none
 * is left, would see a part. Throws `archive-in-cell`.
 */
export async function refuseInCell({ cells }: Parts, tenant: Tenant): Promise<void> {
  const cell = await cells.cellOf(tenant)
  if (cell !== null) throw new MillraceError('archive-in-cell', { tenant: tenant.slug, cell })
}
