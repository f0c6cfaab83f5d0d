import fastify, { type FastifyInstance } from 'fastify'

import { toMillraceError } from '#kernel/errors.ts'
import { addHealthRoutes, closeWhileDraining, type HealthOptions } from '#server/health-routes.ts'
import { toProblem } from '#server/problem.ts'

/** For a process without the API: its health, its figures and nothing else. Not listening yet. */
export function createHealthServer(options: HealthOptions): FastifyInstance {
  const app = fastify({
    bodyLimit: 1,
    requestTimeout: 10_000,
    keepAliveTimeout: 10_000,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
  })
  app.server.maxConnections = 100
  closeWhileDraining(app, options)
  addHealthRoutes(app, options)
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(toMillraceError(error), request.id, false)
    return reply
      .code(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem))
  })
  return app
}
