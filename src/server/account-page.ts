import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

import { PAGE_POLICY } from '#server/page-policy.ts'

/**
 * The pages on which people come in and look after their account: one shell without data, of which
 * the script shows the part that the address names. Tokens of links stand behind `#`, so that no
 * server sees them, and leave the address bar at once.
 */
const addresses = ['/sign-in', '/setup', '/join', '/reset', '/account']
const scripts = ['account.js', 'account-own.js', 'account-form.js', 'account-code.js']

export function addAccountPages(app: FastifyInstance): void {
  const read = (name: string) => readFileSync(new URL(`page/${name}`, import.meta.url), 'utf8')
  const html = { type: 'text/html; charset=utf-8', text: read('account.html') }
  const files = [
    ...addresses.map((url) => ({ url, ...html })),
    { url: '/account.css', type: 'text/css; charset=utf-8', text: read('account.css') },
    ...scripts.map((name) => ({
      url: `/${name}`,
      type: 'text/javascript; charset=utf-8',
      text: read(name),
    })),
  ]
  for (const { url, type, text } of files) {
    app.get(url, { config: { policy: 'public' } }, async (_request, reply) =>
      reply.header('content-security-policy', PAGE_POLICY).type(type).send(text),
    )
  }
}
