import type { FastifyReply, FastifyRequest } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'

/** The browser's session in a cookie that scripts cannot read and other sites cannot send. */
export interface SessionCookie {
  /**
   * Null where there is none. Throws `origin-foreign` for a change that another site's page asks for:
   * its browser sends the cookie, too.
   */
  token(request: FastifyRequest): string | null
  set(reply: FastifyReply, session: { token: string; expiresAt: Date } | null): void
}

const readingMethods = ['GET', 'HEAD']

/** `publicUrl`: address of our own pages; null: whatever address the request was sent to. */
export function createSessionCookie(publicUrl: string | null): SessionCookie {
  const isSecure = publicUrl?.startsWith('https:') ?? false
  // The prefix binds the cookie to this host and to TLS; browsers refuse it without.
  const name = isSecure ? '__Host-millrace' : 'millrace'
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  const ownOrigin = publicUrl === null ? null : new URL(publicUrl).origin

  return {
    token(request) {
      const token = valueOf(request.headers.cookie, name)
      if (token === null || readingMethods.includes(request.method)) return token
      const { origin, host } = request.headers
      const own = ownOrigin ?? `${request.protocol}://${host}`
      const isOwn = origin === undefined ? isFromHere(request) : origin === own
      if (!isOwn) throw new MillraceError('origin-foreign', { origin: origin ?? 'another site' })
      return token
    },
    set(reply, session) {
      const value =
        session === null
          ? `${name}=; Max-Age=0`
          : `${name}=${session.token}; Expires=${session.expiresAt.toUTCString()}`
      reply.header('set-cookie', `${value}; ${attributes}`)
    },
  }
}

/** A browser that sends no Origin says where a request comes from. */
function isFromHere({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] === 'same-origin' || headers['sec-fetch-site'] === 'none'
}

/** The first one of that name; tokens have no characters that need quoting. */
function valueOf(cookies: string | undefined, name: string): string | null {
  for (const pair of cookies?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null
  }
  return null
}
