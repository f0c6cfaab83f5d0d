import { createKey, revokeKey } from '#catalog/keys.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import type { Permission } from '#operations/operation.ts'
import type { World } from './world.ts'

/** Somebody who asks; all of them are of the tenant `mine`, or of nobody's. */
export interface Principal {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

export async function principalsOf(world: World): Promise<Principal[]> {
  const { server, mine } = world
  const key = (permissions: readonly Permission[]) => server.key(mine, permissions)
  const scopes = ['read', 'export', 'write', 'run', 'admin', 'owner'] as const
  const all = await key(scopes)
  return [
    { name: 'nobody', headers: {} },
    { name: 'mistyped key', headers: bearer(`${all.slice(0, -1)}${all.endsWith('0') ? 1 : 0}`) },
    { name: 'unknown key', headers: bearer(mintKey(server.open.ids, server.open.random).key) },
    { name: 'expired key', headers: bearer(await expiredKey(world)) },
    { name: 'revoked key', headers: bearer(await revokedKey(world)) },
    { name: 'key with everything', headers: bearer(all) },
    {
      name: 'key with everything, by basic authentication',
      headers: { authorization: `Basic ${Buffer.from(`x:${all}`).toString('base64')}` },
    },
    ...(await Promise.all(
      scopes.map(async (scope) => ({
        name: `key to ${scope}`,
        headers: bearer(await key([scope])),
      })),
    )),
  ]
}

async function expiredKey({ server, mine }: World): Promise<string> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  const expiresAt = new Date('2020-01-01T00:00:00Z')
  await server.open.catalog.asTenant(mine, (session) =>
    createKey(session, { id, hash, name: 'expired', permissions: ['read', 'run'], expiresAt }),
  )
  return key
}

async function revokedKey({ server, mine }: World): Promise<string> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  await server.open.catalog.asTenant(mine, async (session) => {
    await createKey(session, { id, hash, name: 'revoked', permissions: ['read', 'run'] })
    await revokeKey(session, id)
  })
  return key
}
