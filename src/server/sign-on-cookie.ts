import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Door } from '#operations/operation.ts'

/** As long as a sign-on may take. */
const MAX_AGE_SECONDS = 600
const LENGTH_MAX = 3_000

/**
 * What a browser keeps of a sign-on that it has begun, in a cookie of its own: it comes back with the
 * answer of the provider, which is why other sites may lead here (`Lax`), and goes to nobody else.
 */
export function signOnOf(
  request: FastifyRequest,
  reply: FastifyReply,
  publicUrl: string,
): NonNullable<Door['signOn']> {
  const isSecure = publicUrl.startsWith('https:')
  const name = isSecure ? '__Host-millrace-sign-on' : 'millrace-sign-on'
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`
  return {
    flow: valueOf(request.headers.cookie, name),
    keep(flow) {
      const value = flow === null ? '; Max-Age=0' : `${flow}; Max-Age=${MAX_AGE_SECONDS}`
      reply.header('set-cookie', `${name}=${value}; ${attributes}`)
    },
  }
}

function valueOf(cookies: string | undefined, name: string): string | null {
  const pair = cookies?.split(';').find((one) => one.trim().startsWith(`${name}=`))
  const value = pair?.slice(pair.indexOf('=') + 1).trim() ?? ''
  return value === '' || value.length > LENGTH_MAX ? null : value
}
