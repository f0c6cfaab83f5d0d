import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

import type { Parts } from '#operations/parts.ts'
import { embedOrigins } from '#operations/embeds/open-embed.ts'
import { PORTAL_POLICY } from '#server/page-policy.ts'

const NOBODY = "frame-ancestors 'none'"

/**
 * What other products frame: the shell of the portal, which shows nothing before it has asked with the
 * token behind `#`. Only pages that the view names may frame it; nothing is known of the viewer, for no
 * cookie is read or set here. And the element that makes such a frame.
 */
export function addEmbedPages(app: FastifyInstance, parts: Parts, html: string): void {
  app.get<{ Params: { embed: string } }>(
    '/embed/:embed',
    { config: { policy: 'public' } },
    async ({ params: { embed } }, reply) => {
      const origins = await embedOrigins(parts, embed)
      const ancestors = origins.length === 0 ? NOBODY : `frame-ancestors ${origins.join(' ')}`
      return reply
        .header('content-security-policy', PORTAL_POLICY.replace(NOBODY, ancestors))
        .header('cross-origin-resource-policy', 'cross-origin')
        .header('cache-control', 'no-cache')
        .type('text/html; charset=utf-8')
        .send(html)
    },
  )
  const element = readFileSync(new URL('page/embed.js', import.meta.url), 'utf8')
  app.get('/embed.js', { config: { policy: 'public' } }, async (_request, reply) =>
    reply
      .header('cross-origin-resource-policy', 'cross-origin')
      .header('cache-control', 'public, max-age=3600')
      .type('text/javascript; charset=utf-8')
      .send(element),
  )
}
