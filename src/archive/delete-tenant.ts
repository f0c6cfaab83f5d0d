import {
  claimDeletion,
  finishDeletion,
  keepDeletion,
  type LeasedDeletion,
} from '#catalog/archive-deletion.ts'
import type { ArchiveParts } from '#archive/parts.ts'
import { removeTenantRows } from '#archive/remove-tenant-rows.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Swept } from '#lake/lake.ts'

const LEASE_MS = 60_000
/** Rows that come while others go: of work that was given up, and ends. */
const ROUNDS_MAX = 10

type DeleteParts = Pick<ArchiveParts, 'catalog' | 'lake'>

/**
 * Carries out one deletion that is due: that of the slug, or any. Files go first, then rows, then what
 * came meanwhile, and last, in one transaction, the tenant itself with the proof in its place. Each step
 * can be done again, so whoever takes over from a process that died begins at the first.
 *
 * Returns the slug; null: none is due, or somebody else is at it, or work of it has not ended yet.
 */
export async function deleteDueTenant(
  { catalog, lake }: DeleteParts,
  slug: string | null = null,
): Promise<string | null> {
  const leased = await catalog.asSystem((session) => claimDeletion(session, slug, LEASE_MS))
  if (!leased) return null
  const keep = (found: Swept | null = null) =>
    catalog.asSystem((session) => keepDeletion(session, leased, LEASE_MS, found))
  if (!(await keep(await lake.tenantUsage(leased.slug)))) throw takenOver(leased)
  for (let round = 1; ; round++) {
    await lake.removeTenant(leased.slug)
    await removeTenantRows(catalog, leased, () => keep())
    // What an attempt adopted after the first look, before its rows were gone.
    await lake.removeTenant(leased.slug)
    const left = await catalog.asSystem((session) => finishDeletion(session, leased))
    if (left === null) throw takenOver(leased)
    if (Object.keys(left).length === 0) return leased.slug
    if (round === ROUNDS_MAX) {
      const tables = Object.keys(left).join(', ')
      throw new MillraceError('deletion-unfinished', { tenant: leased.slug, tables })
    }
  }
}

function takenOver({ slug }: LeasedDeletion): MillraceError {
  return new MillraceError('archive-taken-over', { tenant: slug })
}
