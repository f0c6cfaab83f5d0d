import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import { openApiDocument } from '#operations/openapi/document.ts'
import type { Operation } from '#operations/operation.ts'
import { errorsPage, indexPage, resourcePage } from '#server/docs-html.ts'
import { PAGE_POLICY } from '#server/page-policy.ts'

const POLICY = { config: { policy: 'public' } } as const

/**
 * The description of the API for people, at `/docs`: pages that are whole without a script, and load
 * nothing from elsewhere. They hold what the OpenAPI document holds, and nothing of a tenant.
 */
export function addDocsPages(
  app: FastifyInstance,
  options: {
    readonly operations: readonly Operation[]
    readonly version: string
    publicUrl(): string
  },
): void {
  const pages = new Map<string, string | null>()

  function pageOf(name: string): string | null {
    const publicUrl = options.publicUrl().replace(/\/+$/, '')
    const known = `${publicUrl} ${name}`
    const kept = pages.get(known)
    if (kept !== undefined) return kept
    const { operations, version } = options
    const document = openApiDocument(operations, { publicUrl, version })
    const place = { publicUrl, base: new URL(publicUrl).pathname.replace(/\/+$/, '') }
    const page =
      name === ''
        ? indexPage(document, place)
        : name === 'errors'
          ? errorsPage(document, place)
          : resourcePage(document, name, place)
    // What does not exist is not remembered, for there is no end of it.
    if (page !== null) pages.set(known, page)
    return page
  }

  app.get<{ Params: { name?: string } }>('/docs', POLICY, (_request, reply) =>
    reply.headers(pageHeaders).send(pageOf('')),
  )
  app.get<{ Params: { name: string } }>('/docs/:name', POLICY, (request, reply) => {
    const page = pageOf(request.params.name)
    if (page === null) {
      throw new MillraceError('route-unknown', { method: 'GET', path: request.url.slice(0, 200) })
    }
    return reply.headers(pageHeaders).send(page)
  })
  for (const [url, type] of [
    ['/page.css', 'text/css; charset=utf-8'],
    ['/docs.css', 'text/css; charset=utf-8'],
    ['/docs.js', 'text/javascript; charset=utf-8'],
  ] as const) {
    const text = readFileSync(new URL(`page${url}`, import.meta.url), 'utf8')
    app.get(url, POLICY, (_request, reply) =>
      reply.header('content-security-policy', PAGE_POLICY).type(type).send(text),
    )
  }
}

const pageHeaders = {
  'content-security-policy': PAGE_POLICY,
  'content-type': 'text/html; charset=utf-8',
}
