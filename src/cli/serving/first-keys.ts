import type { OpenParts } from '#app/compose.ts'
import { createKey, listKeys } from '#catalog/keys.ts'
import { tenantsBySlug } from '#catalog/tenants.ts'
import type { FirstKey } from '#cli/render/welcome-view.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import { FIRST_KEY_PERMISSIONS } from '#operations/tenants/first-key.ts'

/**
 * A key for each of these tenants that never had one: shown now, and never again. Others get theirs
 * when they are made, so that a start costs the same however many there are.
 */
export async function firstKeys(open: OpenParts, slugs: readonly string[]): Promise<FirstKey[]> {
  const made: FirstKey[] = []
  for (const tenant of await tenantsBySlug(open.catalog, slugs)) {
    const minted = mintKey(open.ids, open.random)
    const isFirst = await open.catalog.asTenant(tenant, async (session) => {
      // One server at a time, where several start together.
      await session.query('SELECT id FROM tenant WHERE id = $1 FOR UPDATE', [tenant.id])
      if ((await listKeys(session, { limit: 1 })).length > 0) return false
      const { id, hash } = minted
      await createKey(session, { id, hash, name: 'first key', permissions: FIRST_KEY_PERMISSIONS })
      return true
    })
    if (isFirst) made.push({ tenant: tenant.slug, key: minted.key })
  }
  return made.toSorted((a, b) => (a.tenant < b.tenant ? -1 : 1))
}
