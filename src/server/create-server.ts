import compress from '@fastify/compress'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'

import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { Callers } from '#operations/callers.ts'
import { isCaller } from '#operations/invoke.ts'
import { nobody, type Caller, type Operation } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import type { Metrics } from '#kernel/metrics.ts'
import { createAuthenticator } from '#server/authenticate.ts'
import { addGraphql } from '#server/graphql.ts'
import { addHealthRoutes, closeWhileDraining } from '#server/health-routes.ts'
import { measureRequests } from '#server/measure-requests.ts'
import { compression } from '#server/compression.ts'
import { openRequests } from '#server/open-requests.ts'
import { operationHandler, routesOf } from '#server/operation-route.ts'
import { openUsageCounter } from '#operations/usage/count-usage.ts'
import { addDocsPages } from '#server/docs-page.ts'
import { addEmbedPages } from '#server/embed-page.ts'
import { addLogos } from '#server/logos.ts'
import { addPortal } from '#server/portal.ts'
import { BODY_BYTES_MAX, fromHttpError, toProblem } from '#server/problem.ts'
import { holdRate, rateOwners } from '#server/rate-limit.ts'
import { createRateLimiter, type RateLimiter } from '#operations/rates/rate-limiter.ts'
import { rowFormats } from '#model/row-format.ts'
import { createSessionCookie } from '#server/session-cookie.ts'
import { parseStrictJson } from '#server/strict-json.ts'

export interface ServerOptions {
  readonly parts: Parts
  readonly operations: readonly Operation[]
  readonly callers: Callers
  /** Key of this machine's own commands; null: there is none. */
  readonly localKey: string | null
  readonly version: string
  /** Takes operators' calls from anywhere; null: there is none. */
  readonly operatorKey?: string | null
  /** Address of our own pages, for cookies and links; null: the one that a request was sent to. */
  readonly publicUrl?: string | null
  /** Addresses of proxies whose word on where a request comes from is believed. */
  readonly trustedProxies?: readonly string[]
  /** Aborted first: `/readyz` says no, so that balancers turn away, and requests are answered still. */
  readonly draining?: AbortSignal
  /** Aborted when the server stops: waiting requests return, new ones are refused. */
  readonly stopping: AbortSignal
  readonly metrics?: Metrics
  /** Default: with the buckets of the catalog. */
  readonly limiter?: RateLimiter
  /** Rejects when this process cannot serve: the reason of `/readyz`. */
  ready(): Promise<void>
  /** Told of each look at `/readyz`. */
  onProbe?(): void
}

/** Every operation as a route, and nothing without a policy. Not listening yet. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { parts, stopping, draining } = options
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: 30_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384, connectionsCheckingInterval: 5_000 },
    routerOptions: { maxParamLength: 300 },
    genReqId: () => parts.ids.next('req'),
    // What the router refuses by itself: a name that is too long, an address that is none.
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders).header('x-request-id', request.id)
      void sendError(request, reply, error)
    },
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
  })
  app.server.maxConnections = 1000
  const authenticator = createAuthenticator(options.callers, {
    local: options.localKey,
    operator: options.operatorKey ?? null,
  })
  const cookie = createSessionCookie(options.publicUrl ?? null)
  const limiter = options.limiter ?? createRateLimiter(parts)
  const usage = openUsageCounter(parts)
  const open = openRequests(stopping)
  const forAnyone = new Set(
    options.operations.filter(({ permission }) => permission === 'anyone').map(({ name }) => name),
  )

  const rawTypes = new Map(
    options.operations.flatMap(({ name, rest: { rawBody } }) =>
      rawBody ? [[name, Object.keys(rawBody.formats)] as const] : [],
    ),
  )
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (rawTypes.has(operationOf(request))) return done(null, body)
    try {
      done(null, body.length === 0 ? undefined : parseStrictJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })

  for (const type of new Set([...rawTypes.values()].flat())) {
    if (type === 'application/json') continue
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (request, body, done) => {
      if (rawTypes.has(operationOf(request))) return done(null, body)
      done(new MillraceError('media-type-unsupported', { type }))
    })
  }

  void app.register(compress, compression)
  app.decorateRequest('caller', null)
  app.decorateRequest('identifyAgain', null)
  app.addHook('onRoute', (route) => {
    if (route.config?.policy === undefined) {
      throw new Error(`the route ${String(route.method)} ${route.url} has no policy`)
    }
  })
  closeWhileDraining(app, options)
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders).header('x-request-id', request.id)
    const { policy } = request.routeOptions.config
    if (request.is404 || policy === 'public') return
    if (stopping.aborted) throw new MillraceError('server-stopping')
    if (policy && forAnyone.has(policy.operation)) request.caller = nobody
    else {
      const tenant = request.headers['millrace-tenant']
      const credentials = {
        authorization: request.headers.authorization,
        session: cookie.token(request),
        tenant: typeof tenant === 'string' ? tenant : undefined,
        remoteAddress: request.socket.remoteAddress,
      }
      request.identifyAgain = () => authenticator.identify(credentials)
      request.caller = await request.identifyAgain().catch(async (error: unknown) => {
        // Whoever guesses is soon told nothing any more.
        await holdRate(limiter, reply, rateOwners(nobody, request.ip))
        throw error
      })
    }
    await holdRate(limiter, reply, rateOwners(request.caller, request.ip))
  })
  const measured = options.metrics && measureRequests(options.metrics)
  app.addHook('onClose', () => usage.close())
  app.addHook('onResponse', (request, reply, done) => {
    measured?.(request, reply)
    const by = tenantOf(request)
    if (by && !by.permissions.has('operator')) usage.add(by.tenant, 'requests', 1)
    parts.log.info('request', {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      durationMs: Math.round(reply.elapsedTime),
      caller: request.caller?.name ?? null,
      tenant: by?.tenant.slug ?? null,
    })
    done()
  })

  function addRoutes(scope: FastifyInstance, operation: Operation): void {
    for (const { url, format } of routesOf(operation)) {
      scope.route({
        method: operation.rest.method,
        url,
        config: { policy: { operation: operation.name } },
        bodyLimit: operation.rest.bodyBytesMax ?? BODY_BYTES_MAX,
        handler: operationHandler(operation, { parts, open, draining, cookie }, format),
      })
    }
  }

  const sendError = (request: FastifyRequest, reply: FastifyReply, thrown: unknown) => {
    const error = fromHttpError(
      stopping.aborted ? asStopping(thrown) : thrown,
      request.routeOptions.bodyLimit,
    )
    if (error.entry.kind === 'bug') {
      parts.log.error('request ended in a bug', {
        requestId: request.id,
        error: error.cause ?? error,
      })
    }
    const forOperator = tenantOf(request)?.permissions.has('operator') ?? false
    const problem = toProblem(error, request.id, forOperator)
    if (error.code === 'unauthenticated') {
      const browser = request.headers.accept?.includes('text/html') ?? false
      reply.header(
        'www-authenticate',
        browser ? 'Basic realm="Millrace"' : 'Bearer realm="Millrace"',
      )
    }
    const { retryAfterSeconds } = error.details
    if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds)
    return reply
      .code(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem))
  }
  app.setErrorHandler((error, request, reply) => sendError(request, reply, error))
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? ''
    const allowed = methodsOf(options.operations, path)
    if (allowed.length === 0) {
      return sendError(
        request,
        reply,
        new MillraceError('route-unknown', { method: request.method, path }),
      )
    }
    reply.header('allow', allowed.join(', '))
    const details = { path, method: request.method, allowed }
    return sendError(request, reply, new MillraceError('method-not-allowed', details))
  })

  // Routes see only what was registered before their own scope began.
  void app.register(async (scope) => {
    for (const operation of options.operations) addRoutes(scope, operation)
    addGraphql(scope, { ...options, limiter })
  })
  addHealthRoutes(app, options)
  const shell = addPortal(app, { publicUrl: options.publicUrl ?? null })
  addEmbedPages(app, parts, shell)
  addLogos(app, parts)
  addDocsPages(app, { ...options, publicUrl: () => parts.publicUrl() })
  return app
}

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
}

function operationOf(request: FastifyRequest): string {
  const { policy } = request.routeOptions.config
  return typeof policy === 'object' ? policy.operation : ''
}

function tenantOf({ caller }: FastifyRequest): Caller | null {
  return caller && isCaller(caller) ? caller : null
}

/** A wait that was ended by the stop is not the caller's fault. */
function asStopping(thrown: unknown): MillraceError {
  const error = toMillraceError(thrown)
  return error.code === 'internal'
    ? new MillraceError('server-stopping', {}, { cause: thrown })
    : error
}

const SUFFIX = `(\\.(${rowFormats.join('|')}))?`

function methodsOf(operations: readonly Operation[], path: string): string[] {
  const fitting = operations.filter(({ rest }) =>
    new RegExp(
      `^${rest.path.replace(/\{\w+\}/g, '[^/]+')}${rest.formatSuffix ? SUFFIX : ''}$`,
    ).test(path),
  )
  return [...new Set(fitting.map(({ rest }) => rest.method))]
}
