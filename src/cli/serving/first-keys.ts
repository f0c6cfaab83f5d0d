import type { OpenParts } from '#app/compose.ts'
import { createKey, listKeys } from '#catalog/keys.ts'
import { listTenants } from '#catalog/tenants.ts'
import type { FirstKey } from '#cli/render/welcome-view.ts'
import { mintKey } from '#operations/keys/api-key.ts'

/** A key for every tenant that never had one: shown now, and never again. */
export async function firstKeys(open: OpenParts): Promise<FirstKey[]> {
  const made: FirstKey[] = []
  for (const tenant of await listTenants(open.catalog)) {
    const minted = mintKey(open.ids, open.random)
    const isFirst = await open.catalog.asTenant(tenant, async (session) => {
      // One server at a time, where several start together.
      await session.query('SELECT id FROM tenant WHERE id = $1 FOR UPDATE', [tenant.id])
      if ((await listKeys(session)).length > 0) return false
      const { id, hash } = minted
      await createKey(session, { id, hash, name: 'first key', permissions: ['read', 'run'] })
      return true
    })
    if (isFirst) made.push({ tenant: tenant.slug, key: minted.key })
  }
  return made
}
