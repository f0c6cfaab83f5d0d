import type { FastifyInstance } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import type { Parts } from '#operations/parts.ts'
import { logoFile } from '#operations/tenants/theme-file.ts'

/** A picture that somebody has sent does nothing but be seen, also when it is opened by itself. */
const LOGO_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"

/** Logos of tenants, below a name that is a hash of the picture: for pages, and for mails. */
export function addLogos(app: FastifyInstance, parts: Parts): void {
  app.get<{ Params: { tenant: string; file: string } }>(
    '/logos/:tenant/:file',
    { config: { policy: 'public' } },
    async ({ params: { tenant, file } }, reply) => {
      const logo = await logoFile(parts, tenant, file)
      if (!logo) {
        throw new MillraceError('route-unknown', { method: 'GET', path: '/logos' })
      }
      return reply
        .header('content-security-policy', LOGO_POLICY)
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(logo.type)
        .send(logo.bytes)
    },
  )
}
