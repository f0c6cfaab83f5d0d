import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

/**
 * The page at `/`: what runs here, the datasets and the newest runs. It is a shell without data; its
 * script asks the API with the key that the reader gives it (or that comes behind `#key=` and never
 * leaves the browser otherwise). Nothing is loaded from elsewhere.
 */
export function addPage(app: FastifyInstance, version: string): void {
  const read = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')
  const html = read('index.html').replaceAll('{version}', version)
  const files = [
    { url: '/', type: 'text/html; charset=utf-8', text: html },
    { url: '/page.css', type: 'text/css; charset=utf-8', text: read('page.css') },
    { url: '/page.js', type: 'text/javascript; charset=utf-8', text: read('page.js') },
  ]
  for (const { url, type, text } of files) {
    app.get(url, { config: { policy: 'public' } }, async (_request, reply) =>
      reply.header('content-security-policy', PAGE_POLICY).type(type).send(text),
    )
  }
}

/** Nothing from elsewhere, nothing inline. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
