declare const tenantBrand: unique symbol

/**
 * A customer whose data is kept apart. Only the catalog makes one, after it has looked the tenant
 * up for an authenticated caller; every function that touches a tenant's data asks for it, so a
 * query without a tenant does not compile.
 */
export interface Tenant {
  readonly [tenantBrand]: true
  readonly id: number
  /** Lower-case name in addresses and on the command line; never reused. */
  readonly slug: string
}

/** For the catalog, and for tests of pure code. */
export function brandTenant(id: number, slug: string): Tenant {
  return { id, slug } as Tenant
}
