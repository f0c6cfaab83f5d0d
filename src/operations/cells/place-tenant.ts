import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/**
 * Gives a new tenant its place in a cell. Call it before anything of the tenant is stored and before
 * anybody has a key: a tenant that has data stays where it is. Throws `cell-unknown`,
 * `cell-unreachable`, `tenant-has-data`, `tenant-in-cell` (another one).
 */
export async function placeTenant(
  parts: Pick<Parts, 'cells'>,
  tenant: Tenant,
  cell: string,
): Promise<void> {
  await parts.cells.place(tenant, cell)
}
