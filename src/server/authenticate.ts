import { createHash, timingSafeEqual } from 'node:crypto'

import { MillraceError } from '#kernel/errors.ts'
import type { Callers } from '#operations/callers.ts'
import type { Identity } from '#operations/operation.ts'

export interface Credentials {
  readonly authorization: string | undefined
  /** Token of the browser's session, where there is one and the request comes from our own pages. */
  readonly session: string | null
  /** Header `Millrace-Tenant`. */
  readonly tenant: string | undefined
  readonly remoteAddress: string | undefined
}

export interface Authenticator {
  /** Throws `unauthenticated`, and `tenant-unknown` for a tenant that the caller may not see. */
  identify(credentials: Credentials): Promise<Identity>
}

/** Keys that are no tenant's. Null: there is none. */
export interface OperatorKeys {
  /** Every process of this user on this machine can read it; taken over the loopback interface only. */
  readonly local: string | null
  /** Of the people who run a shared deployment; taken from anywhere. */
  readonly operator: string | null
}

/** The tenant comes from the key. Operators choose one, users one that they are a member of. */
export function createAuthenticator(callers: Callers, keys: OperatorKeys): Authenticator {
  const is = (key: string, expected: string | null) => expected !== null && isEqual(key, expected)
  return {
    async identify({ authorization, session, tenant, remoteAddress }) {
      const key = keyOf(authorization)
      if (key === null) {
        // A credential that cannot be read is refused, even beside a session.
        if (session === null || authorization !== undefined) {
          throw new MillraceError('unauthenticated')
        }
        const identity = await callers.bySession(session, tenant)
        if (!identity) throw new MillraceError('unauthenticated')
        return identity
      }
      if (is(key, keys.operator)) return callers.operator(tenant ?? 'default', 'operator')
      if (is(key, keys.local)) {
        if (!isLoopback(remoteAddress)) throw new MillraceError('unauthenticated')
        return callers.operator(tenant ?? 'default', 'local')
      }
      const caller = await callers.byKey(key)
      if (!caller) throw new MillraceError('unauthenticated')
      if (tenant !== undefined && tenant !== caller.tenant.slug) {
        throw new MillraceError('tenant-unknown', { tenant })
      }
      return caller
    },
  }
}

/** From `Bearer <key>`, or from basic authentication with the key as its password. */
function keyOf(authorization: string | undefined): string | null {
  const [, scheme = '', value = ''] = /^(\S+) +(\S+)$/.exec(authorization ?? '') ?? []
  if (scheme.toLowerCase() === 'bearer') return value
  if (scheme.toLowerCase() !== 'basic') return null
  const pair = Buffer.from(value, 'base64').toString('utf8')
  const key = pair.slice(pair.indexOf(':') + 1)
  return pair.includes(':') && key !== '' ? key : null
}

function isEqual(a: string, b: string): boolean {
  // How long a key is, is no secret, and most requests come with one of another form.
  if (a.length !== b.length) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}

export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::ffff:)?127\.|^::1$/.test(address)
}
