import type { Catalog } from '#catalog/catalog.ts'
import { removeRows } from '#catalog/archive-deletion.ts'
import { archiveTables } from '#catalog/archive-tables.ts'
import { MillraceError } from '#kernel/errors.ts'

const ROWS_AT_ONCE = 5000

/**
 * Removes the rows of a tenant that is being deleted, or of a restore that was given up: those that refer
 * to others first, some in each transaction. `keep` is called between them; throws `archive-taken-over`
 * when it, or the catalog, says that another process is at it.
 */
export async function removeTenantRows(
  catalog: Catalog,
  owner: { readonly slug: string; readonly tenantId: number; readonly number: number },
  keep: () => Promise<boolean>,
): Promise<void> {
  const tables = await catalog.asSystem(archiveTables)
  // Tasks first: what is not there is not claimed.
  const order = tables.toReversed().toSorted((a, b) => rank(a.name) - rank(b.name))
  for (const { name } of order) {
    for (;;) {
      const rows = await catalog.asSystem((session) =>
        removeRows(session, owner, name, ROWS_AT_ONCE),
      )
      if (rows === null || !(await keep())) {
        throw new MillraceError('archive-taken-over', { tenant: owner.slug })
      }
      if (rows < ROWS_AT_ONCE) break
    }
  }
}

function rank(table: string): number {
  return table === 'task' ? 0 : 1
}
