import type { FastifyReply, FastifyRequest } from 'fastify'

import type { Metrics } from '#kernel/metrics.ts'

/** Counts requests by route, never by address: the label has as many values as there are routes. */
export function measureRequests(
  metrics: Metrics,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const requests = metrics.counter('millrace_http_requests_total', 'Requests that were answered.')
  const seconds = metrics.histogram('millrace_http_request_seconds', 'Time to answer a request.')
  return (request, reply) => {
    const route = request.is404 ? 'unknown' : (request.routeOptions.url ?? 'unknown')
    const { method } = request
    requests.add({ method, route, status: String(reply.statusCode) })
    seconds.observe({ method, route }, reply.elapsedTime / 1000)
  }
}
