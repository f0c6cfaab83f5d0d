import { putTenant } from '#catalog/cells.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/**
 * Gives a tenant without data its place in a cell, and tells the cell of it; done again it goes on.
 * Throws `cell-unknown`, `cell-unreachable`, `tenant-has-data`, `tenant-in-cell` (another one).
 */
export async function placeTenant(
  { directory, cells }: Pick<Parts, 'directory' | 'cells'>,
  tenant: Tenant,
  cell: string,
): Promise<void> {
  const outcome = await directory.asSystem((session) => putTenant(session, tenant, cell))
  if (outcome === 'unknown') throw new MillraceError('cell-unknown', { cell })
  if (outcome === 'used') throw new MillraceError('tenant-has-data', { tenant: tenant.slug })
  if (outcome === 'elsewhere') throw new MillraceError('tenant-in-cell', { tenant: tenant.slug })
  cells.forget(tenant)
  const held = await cells.holdFor(tenant)
  held?.release()
}
