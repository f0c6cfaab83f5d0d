import type { Catalog } from '#catalog/catalog.ts'
import type { SystemSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

const SLUG = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/
const PAGE = 1_000

/** Throws `tenant-exists`, `tenant-slug-invalid`. */
export async function createTenant(catalog: Catalog, slug: string): Promise<Tenant> {
  return catalog.asSystem((session) => addTenant(session, slug))
}

/** The same as a part of a transaction. */
export async function addTenant(session: SystemSession, slug: string): Promise<Tenant> {
  if (!SLUG.test(slug)) throw new MillraceError('tenant-slug-invalid', { tenant: slug })
  const [row] = await session.query<{ id: number | null }>('SELECT tenant_create($1) AS id', [slug])
  if (row?.id == null) throw new MillraceError('tenant-exists', { tenant: slug })
  return brandTenant(row.id, slug)
}

export async function tenantBySlug(catalog: Catalog, slug: string): Promise<Tenant | null> {
  const [tenant] = await tenantsBySlug(catalog, [slug])
  return tenant ?? null
}

/** Those of the slugs that there are, in no order. */
export async function tenantsBySlug(catalog: Catalog, slugs: readonly string[]): Promise<Tenant[]> {
  const rows = await catalog.asSystem((session) =>
    session.query<{ id: number; slug: string }>('SELECT id, slug FROM tenant_find($1)', [slugs]),
  )
  return rows.map(({ id, slug }) => brandTenant(id, slug))
}

export const tenantStates = ['active', 'suspended', 'deleting'] as const
export type TenantState = (typeof tenantStates)[number]

export interface TenantEntry {
  readonly tenant: Tenant
  /** What people call it; its slug where nobody has said otherwise. */
  readonly name: string
  readonly state: TenantState
  /** Share of the slots while others want them, too. */
  readonly weight: number
  /** Most batches at the same time; null: no limit. */
  readonly limit: number | null
  readonly createdAt: Date
}

export interface TenantPage {
  /** Only slugs that come after it. */
  readonly after?: string | undefined
  /** Only slugs that begin with it. */
  readonly prefix?: string | undefined
  readonly state?: TenantState | undefined
  readonly limit: number
}

/** By slug. */
export async function pageTenants(
  session: SystemSession,
  { after = '', prefix = '', state, limit }: TenantPage,
): Promise<TenantEntry[]> {
  const rows = await session.query<Omit<TenantEntry, 'tenant'> & { id: number; slug: string }>(
    `SELECT id, slug, name, state, weight, running_max AS "limit", created_at AS "createdAt"
     FROM tenant_page($1, $2, $3, $4)`,
    [after, prefix, state ?? null, limit],
  )
  return rows.map(({ id, slug, ...entry }) => ({ tenant: brandTenant(id, slug), ...entry }))
}

/** All tenants by slug, or those in a state: for what has to reach each of them. */
export async function listTenants(catalog: Catalog, state?: TenantState): Promise<Tenant[]> {
  const found: Tenant[] = []
  for (;;) {
    const after = found.at(-1)?.slug
    const page = await catalog.asSystem((session) =>
      pageTenants(session, { after, state, limit: PAGE }),
    )
    for (const { tenant } of page) found.push(tenant)
    if (page.length < PAGE) return found
  }
}

/** How many there are by state; those of which there is none are left out. Touches no tenant. */
export async function countTenants(
  session: SystemSession,
): Promise<Partial<Record<TenantState, number>>> {
  const rows = await session.query<{ state: TenantState; tenants: number }>(
    'SELECT state, tenants FROM tenant_counts()',
  )
  return Object.fromEntries(rows.map(({ state, tenants }) => [state, tenants]))
}
