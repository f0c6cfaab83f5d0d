import type { Catalog } from '#catalog/catalog.ts'
import { listTenants } from '#catalog/tenants.ts'
import { CHAOS_TENANTS } from '#chaos/chaos.ts'
import { MillraceError } from '#kernel/errors.ts'

/** Every deployment has these from the start; until they have runs, nobody uses it. */
const FIRST_TENANTS = ['default', 'demo']

/** Throws `chaos-refused` where others than `millrace chaos` have left something. */
export async function assertScratch(catalog: Catalog): Promise<void> {
  for (const tenant of await listTenants(catalog)) {
    if (CHAOS_TENANTS.includes(tenant.slug)) continue
    if (!FIRST_TENANTS.includes(tenant.slug)) {
      throw new MillraceError('chaos-refused', { found: `tenant "${tenant.slug}" is there` })
    }
    const used = await catalog.asTenant(tenant, (session) =>
      session.query('SELECT 1 FROM task WHERE tenant_id = $1 LIMIT 1', [tenant.id]),
    )
    if (used.length > 0) {
      throw new MillraceError('chaos-refused', { found: `tenant "${tenant.slug}" has tasks` })
    }
  }
}
