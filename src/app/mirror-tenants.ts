import { noteKnown, takeOverTenant, tenantChanges, type TenantChange } from '#catalog/cells.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { setTenantState } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import { brandTenant } from '#model/tenant.ts'
import { resumeTenant } from '#triggers/resume-tenant.ts'

const AT_ONCE = 100

/**
 * Brings what the directory says of the tenants of some cells into these cells: new ones, and what
 * has changed of others. A cell that cannot be reached learns it later. Throws `cell-unusable` where
 * another tenant has the number or the name of one.
 */
export async function mirrorTenants(
  directory: Catalog,
  cells: ReadonlyMap<string, Catalog>,
): Promise<void> {
  const left = new Map(cells)
  const errors: unknown[] = []
  for (let more = true; more && left.size > 0;) {
    const changes = await directory.asSystem((session) =>
      tenantChanges(session, [...left.keys()], AT_ONCE),
    )
    for (const change of changes) {
      const cell = left.get(change.cell)
      if (!cell) continue
      try {
        await mirror(cell, change)
        await directory.asSystem((session) => noteKnown(session, change))
      } catch (error) {
        errors.push(error)
        left.delete(change.cell)
      }
    }
    more = changes.length === AT_ONCE
  }
  if (errors.length > 0) throw errors[0]
}

async function mirror(cell: Catalog, { cell: name, tenant }: TenantChange): Promise<void> {
  const { id, slug, state, state_reason: reason } = tenant
  await cell.asSystem(async (session) => {
    const former = await takeOverTenant(session, tenant)
    if (former === null) {
      const problem = `it has another tenant by the name "${slug}" or by its number`
      throw new MillraceError('cell-unusable', { cell: name, problem })
    }
    if (state === former) return
    if (state === 'active') await resumeTenant(session, brandTenant(id, slug))
    else await setTenantState(session, id, state, reason)
  })
}
