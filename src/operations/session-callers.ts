import { hashOfToken, isTokenForm } from '#auth/secret-token.ts'
import { sessionOwner, type SessionOwner } from '#catalog/sessions.ts'
import { MillraceError } from '#kernel/errors.ts'
import { remember } from '#kernel/remember.ts'
import { fullAccess } from '#model/access.ts'
import type { Callers } from '#operations/callers.ts'
import { permissions, type Permission } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

/** A session that has ended, or a role that has changed, counts after this time in every process. */
const REMEMBERED = { forMs: 1_000, most: 10_000 }

/** Who stands behind the token of a session. */
export function openSessionCallers({
  catalog,
  clock,
}: Pick<Parts, 'catalog' | 'clock'>): Callers['bySession'] {
  const ownerOf = remember(clock, REMEMBERED, (key) => {
    const [hash = '', slug] = key.split(' ')
    return catalog.asSystem((session) => sessionOwner(session, Buffer.from(hash, 'hex'), slug))
  })
  return async (token, tenant) => {
    if (!isTokenForm(token)) return null
    const hash = Buffer.from(hashOfToken(token)).toString('hex')
    const owner = await ownerOf(tenant === undefined ? hash : `${hash} ${tenant}`)
    if (!owner) return null
    if (owner.place === null && tenant !== undefined) {
      throw new MillraceError('tenant-unknown', { tenant })
    }
    return identityOf(owner)
  }
}

function identityOf({ sessionId, userId, email, isOperator, place, viewing }: SessionOwner) {
  const person = { userId, email, sessionId }
  if (!place) return { name: `user ${userId}`, person }
  const { tenant, access } = place
  if (viewing) {
    const name = `operator ${userId} as ${viewing.role}`
    return { name, person, tenant, permissions: known(place.permissions), access, viewing }
  }
  return isOperator
    ? { name: `operator ${userId}`, person, tenant, permissions: all, access: fullAccess }
    : { name: `user ${userId}`, person, tenant, permissions: known(place.permissions), access }
}

const all: ReadonlySet<Permission> = new Set(permissions)

function known(held: readonly string[]): ReadonlySet<Permission> {
  return new Set(permissions.filter((one) => one !== 'operator' && held.includes(one)))
}
