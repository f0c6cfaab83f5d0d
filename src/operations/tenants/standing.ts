import type { Catalog } from '#catalog/catalog.ts'
import { tenantStanding, type TenantStanding } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

/** A suspension counts after this time in every process. */
const REMEMBERED_MS = 500
const REMEMBERED_MOST = 10_000

interface Remembered {
  readonly standing: Promise<TenantStanding | null>
  readonly untilMs: number
}

const rememberedOf = new WeakMap<Catalog, Map<number, Remembered>>()

/**
 * Lets pass who asks for an active tenant, and operators always. Throws `tenant-suspended` with the
 * reason, `tenant-unknown` for one that is gone.
 */
export async function assertActive(
  { catalog, clock }: Pick<Parts, 'catalog' | 'clock'>,
  { tenant, permissions }: Caller,
): Promise<void> {
  if (permissions.has('operator')) return
  const known = rememberedOf.get(catalog) ?? new Map<number, Remembered>()
  rememberedOf.set(catalog, known)
  const now = clock.monotonicMs()
  let entry = known.get(tenant.id)
  if (!entry || entry.untilMs <= now) {
    const standing = catalog.asSystem((session) => tenantStanding(session, tenant.id))
    entry = { standing, untilMs: now + REMEMBERED_MS }
    if (known.size >= REMEMBERED_MOST) known.clear()
    known.set(tenant.id, entry)
    standing.catch(() => known.delete(tenant.id))
  }
  const standing = await entry.standing
  if (standing === null) throw new MillraceError('tenant-unknown', { tenant: tenant.slug })
  if (standing.state === 'active') return
  const reason = standing.reason ?? 'no reason was given'
  throw new MillraceError('tenant-suspended', { tenant: tenant.slug, reason })
}
