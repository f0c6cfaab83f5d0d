import type { Catalog } from '#catalog/catalog.ts'
import type { Tenant } from '#model/tenant.ts'

/** Throws `tenant-exists`, `tenant-slug-invalid`. */
export async function createTenant(_catalog: Catalog, _slug: string): Promise<Tenant> {
  throw new Error('to be written')
}

export async function tenantBySlug(_catalog: Catalog, _slug: string): Promise<Tenant | null> {
  throw new Error('to be written')
}

export interface KeyOwner {
  readonly tenant: Tenant
  readonly keyId: string
  readonly permissions: readonly string[]
}

/** Whose key has this SHA-256; null when there is none, or it has been revoked or has expired. */
export async function tenantByKeyHash(
  _catalog: Catalog,
  _hash: Uint8Array,
): Promise<KeyOwner | null> {
  throw new Error('to be written')
}

/** All tenants by slug. */
export async function listTenants(_catalog: Catalog): Promise<Tenant[]> {
  throw new Error('to be written')
}
