import type { FastifyInstance } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import type { Metrics } from '#kernel/metrics.ts'

export interface HealthOptions {
  readonly draining?: AbortSignal
  readonly stopping: AbortSignal
  readonly metrics?: Metrics
  ready(): Promise<void>
  onProbe?(): void
}

/** What orchestrators, balancers and Prometheus ask; says nothing about tenants. */
export function addHealthRoutes(app: FastifyInstance, options: HealthOptions): void {
  const { draining, stopping, metrics } = options
  app.get('/livez', { config: { policy: 'public' } }, async () => ({ state: 'live' }))
  app.get('/readyz', { config: { policy: 'public' } }, async () => {
    options.onProbe?.()
    if (stopping.aborted || draining?.aborted) throw new MillraceError('server-stopping')
    await options.ready()
    return { state: 'ready' }
  })
  if (!metrics) return
  app.get('/metrics', { config: { policy: 'public' } }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.render()),
  )
}

/** Kept connections end with their next answer, so that none is cut while a request is under way. */
export function closeWhileDraining(
  app: FastifyInstance,
  { draining, stopping }: Pick<HealthOptions, 'draining' | 'stopping'>,
): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (draining?.aborted || stopping.aborted) reply.header('connection', 'close')
    done(null, payload)
  })
}
