import type { Catalog } from '#catalog/catalog.ts'
import { tenantStanding, type TenantStanding } from '#catalog/tenant-states.ts'
import { MillraceError } from '#kernel/errors.ts'
import { remember } from '#kernel/remember.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

/** A suspension counts after this time in every process. */
const REMEMBERED = { forMs: 500, most: 10_000 }

type StandingOf = (tenantId: string) => Promise<TenantStanding | null>

const standings = new WeakMap<Catalog, StandingOf>()

function standingOf({ catalog, clock }: Pick<Parts, 'catalog' | 'clock'>): StandingOf {
  const known = standings.get(catalog)
  if (known) return known
  const opened = remember(clock, REMEMBERED, (tenantId) =>
    catalog.asSystem((session) => tenantStanding(session, Number(tenantId))),
  )
  standings.set(catalog, opened)
  return opened
}

/**
 * Lets pass who asks for an active tenant, and operators always. Throws `tenant-suspended` with the
 * reason, `tenant-unknown` for one that is gone.
 */
export async function assertActive(
  parts: Pick<Parts, 'catalog' | 'clock'>,
  { tenant, permissions }: Caller,
): Promise<void> {
  if (permissions.has('operator')) return
  const standing = await standingOf(parts)(String(tenant.id))
  if (standing === null) throw new MillraceError('tenant-unknown', { tenant: tenant.slug })
  if (standing.state === 'active') return
  const reason = standing.reason ?? 'no reason was given'
  throw new MillraceError('tenant-suspended', { tenant: tenant.slug, reason })
}
