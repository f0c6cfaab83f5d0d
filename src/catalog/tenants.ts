import type { Catalog } from '#catalog/catalog.ts'
import type { SystemSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

const SLUG = /^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/

/** Throws `tenant-exists`, `tenant-slug-invalid`. */
export async function createTenant(catalog: Catalog, slug: string): Promise<Tenant> {
  if (!SLUG.test(slug)) throw new MillraceError('tenant-slug-invalid', { tenant: slug })
  const [row] = await catalog.asSystem((session) =>
    session.query<{ id: number | null }>('SELECT tenant_create($1) AS id', [slug]),
  )
  if (row?.id == null) throw new MillraceError('tenant-exists', { tenant: slug })
  return brandTenant(row.id, slug)
}

export async function tenantBySlug(catalog: Catalog, slug: string): Promise<Tenant | null> {
  const [row] = await catalog.asSystem((session) =>
    session.query<{ id: number; slug: string }>('SELECT id, slug FROM tenant_list($1)', [slug]),
  )
  return row ? brandTenant(row.id, row.slug) : null
}

export interface KeyOwner {
  readonly tenant: Tenant
  readonly keyId: string
  readonly permissions: readonly string[]
}

/** Whose key has this SHA-256; null when there is none, or it has been revoked or has expired. */
export async function tenantByKeyHash(
  catalog: Catalog,
  hash: Uint8Array,
): Promise<KeyOwner | null> {
  const [row] = await catalog.asSystem((session) =>
    session.query<{ id: number; slug: string; keyId: string; permissions: string[] }>(
      'SELECT id, slug, key_id AS "keyId", permissions FROM key_owner($1)',
      [Buffer.from(hash)],
    ),
  )
  if (!row) return null
  return {
    tenant: brandTenant(row.id, row.slug),
    keyId: row.keyId,
    permissions: row.permissions,
  }
}

/** All tenants by slug. */
export async function listTenants(catalog: Catalog): Promise<Tenant[]> {
  const rows = await catalog.asSystem((session) =>
    session.query<{ id: number; slug: string }>('SELECT id, slug FROM tenant_list(NULL)'),
  )
  return rows.map(({ id, slug }) => brandTenant(id, slug))
}

export interface TenantShare {
  readonly slug: string
  /** Share of the slots while others want them, too. */
  readonly weight: number
  /** Most batches at the same time; null: no limit. */
  readonly limit: number | null
  readonly createdAt: Date
}

/** All tenants by slug, with their weights. */
export async function tenantShares(session: SystemSession): Promise<TenantShare[]> {
  return session.query<TenantShare>(
    `SELECT slug, weight, running_max AS "limit", created_at AS "createdAt" FROM tenant_shares()`,
  )
}
