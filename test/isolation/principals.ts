import { beginUserSession } from '#auth/people.ts'
import { createKey, revokeKey } from '#catalog/keys.ts'
import { addRole } from '#catalog/member-roles.ts'
import { removeMember } from '#catalog/members.ts'
import { addMember } from '#catalog/memberships.ts'
import { endSessions } from '#catalog/sessions.ts'
import { createUser } from '#catalog/users.ts'
import { mintKey } from '#operations/keys/api-key.ts'
import type { Permission } from '#operations/operation.ts'
import { CANARY, type World } from './world.ts'

/** Somebody who asks; all of them are of the tenant `mine`, or of no tenant. */
export interface Principal {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  /** The same again, after a request of his own may have ended what he came with. */
  renew?(): Promise<Principal>
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

/** Of a column that nobody may see and rows of which one is seen. */
export const limits = {
  endpoints: ['meter_months'],
  columns: { meter_months: ['meter'] },
  rows: { meter_months: [{ column: 'meter', op: 'eq', value: 'own-meter' }] },
} as const

export async function principalsOf(world: World): Promise<Principal[]> {
  const { server, mine } = world
  const key = (permissions: readonly Permission[]) => server.key(mine, permissions)
  const scopes = ['read', 'export', 'write', 'run', 'admin', 'owner'] as const
  const all = await key(scopes)
  await server.open.catalog.asTenant(mine, (session) =>
    addRole(session, 'looker', { permissions: ['read'], access: limits }, 'test'),
  )
  return [
    { name: 'nobody', headers: {} },
    { name: 'mistyped key', headers: bearer(`${all.slice(0, -1)}${all.endsWith('0') ? 1 : 0}`) },
    { name: 'unknown key', headers: bearer(mintKey(server.open.ids, server.open.random).key) },
    { name: 'expired key', headers: bearer(await deadKey(world, 'expired')) },
    { name: 'revoked key', headers: bearer(await deadKey(world, 'revoked')) },
    { name: 'key with everything', headers: bearer(all) },
    {
      name: 'key with everything, by basic authentication',
      headers: { authorization: `Basic ${Buffer.from(`${CANARY}:${all}`).toString('base64')}` },
    },
    ...(await Promise.all(
      scopes.map(async (scope) => ({
        name: `key to ${scope}`,
        headers: bearer(await key([scope])),
      })),
    )),
    { name: 'key of limited access', headers: bearer(await limitedKey(world)) },
    ...(await Promise.all(
      ['viewer', 'analyst', 'admin', 'owner', 'looker'].map((role) => member(world, role)),
    )),
    await member(world, null),
    await formerMember(world),
    await endedSession(world),
  ]
}

async function deadKey({ server, mine }: World, how: 'expired' | 'revoked'): Promise<string> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  const expiresAt = how === 'expired' ? new Date('2020-01-01T00:00:00Z') : null
  await server.open.catalog.asTenant(mine, async (session) => {
    await createKey(session, { id, hash, name: how, permissions: ['read', 'run'], expiresAt })
    if (how === 'revoked') await revokeKey(session, id)
  })
  return key
}

async function limitedKey({ server, mine }: World): Promise<string> {
  const { id, key, hash } = mintKey(server.open.ids, server.open.random)
  await server.open.catalog.asTenant(mine, (session) =>
    createKey(session, {
      id,
      hash,
      name: 'limited',
      permissions: ['read', 'export'],
      access: limits,
    }),
  )
  return key
}

let users = 0

/** Somebody who has signed in; null: a user of no tenant. */
async function member(world: World, role: string | null): Promise<Principal> {
  const { server, mine } = world
  const { catalog, ids, random } = server.open
  const id = ids.next('usr')
  const name = role ?? 'nobody'
  await catalog.asSystem((session) =>
    createUser(session, { id, email: `${name}-${++users}@mine.example`, name, password: null }),
  )
  const signedIn = async (): Promise<Principal> => {
    if (role !== null) {
      await catalog.asTenant(mine, (session) =>
        addMember(session, { userId: id, role, invitedBy: null }),
      )
    }
    const { token } = await catalog.asSystem((session) =>
      beginUserSession(
        session,
        { ids, random },
        { id, isOperator: false },
        { address: null, agent: null },
      ),
    )
    const headers = { cookie: `millrace=${token}`, 'sec-fetch-site': 'same-origin' }
    return {
      name: role === null ? 'user of no tenant' : `member: ${role}`,
      headers,
      renew: signedIn,
    }
  }
  return signedIn()
}

async function formerMember(world: World): Promise<Principal> {
  const { headers } = await member(world, 'admin')
  await world.server.open.catalog.asTenant(world.mine, async (session) => {
    const [last] = await session.query<{ id: string }>(
      `SELECT user_id AS id FROM membership WHERE role = 'admin' ORDER BY user_id DESC LIMIT 1`,
    )
    await removeMember(session, last?.id ?? '')
  })
  return { name: 'former member', headers }
}

async function endedSession(world: World): Promise<Principal> {
  const { headers } = await member(world, 'owner')
  const [last] = await world.server.open.catalog.asTenant(world.mine, (session) =>
    session.query<{ id: string }>(
      `SELECT user_id AS id FROM membership WHERE role = 'owner' ORDER BY user_id DESC LIMIT 1`,
    ),
  )
  await world.server.open.catalog.asSystem((session) => endSessions(session, last?.id ?? '', null))
  return { name: 'ended session', headers }
}
