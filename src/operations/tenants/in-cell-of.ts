import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/**
 * What is said about a tenant in the directory, said in the cell of its data, too: there its work is
 * claimed, bounded and swept. Nothing where it has none. Throws `cell-unreachable`; doing it again is
 * the way out.
 */
export async function inCellOf(
  { cells }: Pick<Parts, 'cells'>,
  tenant: Tenant,
  work: (own: Parts) => Promise<unknown>,
): Promise<void> {
  const cell = await cells.cellOf(tenant)
  if (cell === null) return
  const held = await cells.hold(cell)
  try {
    await work(held.parts)
    await cells.wake(cell)
  } finally {
    held.release()
  }
}
