import { z } from 'zod'

import {
  LATENCY_BOUNDS_MS,
  type TrafficFilter,
  type TrafficHour,
} from '#catalog/endpoint-traffic.ts'
import { isLimited } from '#model/access.ts'
import { endpointField } from '#operations/endpoints/endpoint-data.ts'
import type { Caller } from '#operations/operation.ts'

export const trafficFields = {
  endpoint: endpointField.optional().describe('Only of this endpoint.'),
  caller: z
    .string()
    .max(200)
    .optional()
    .describe('Only of this caller, as answers name it: `key mk_…`, `user usr_…`.'),
  since: z.iso.datetime({ offset: true }).optional().describe('From this hour on.'),
  until: z.iso.datetime({ offset: true }).optional().describe('Before this hour.'),
}

export const trafficData = z
  .object({
    /** Beginning of the hour, in UTC. */
    hour: z.iso.datetime(),
    endpoint: z.string(),
    version: z.int(),
    caller: z.string(),
    requests: z.int(),
    /** Of those: refused for what was sent, unavailable for a while, not answered for a mistake. */
    refused: z.int(),
    unavailable: z.int(),
    broken: z.int(),
    /** Of those, answered without reading a row. */
    cached: z.int(),
    rows: z.int(),
    bytes: z.int(),
    averageMs: z.number(),
    /** Half of the requests, 95 and 99 of a hundred took at most so long; null: longer than is told apart. */
    p50Ms: z.number().nullable(),
    p95Ms: z.number().nullable(),
    p99Ms: z.number().nullable(),
  })
  .meta({ entity: 'EndpointHour' })
export type TrafficData = z.output<typeof trafficData>

/** Whoever sees a part only, sees own requests only. */
export function trafficFilter(
  given: {
    endpoint?: string | undefined
    caller?: string | undefined
    since?: string | undefined
    until?: string | undefined
  },
  { access, name }: Caller,
): TrafficFilter | null {
  const { endpoint = null, since, until } = given
  const caller = isLimited(access) ? name : (given.caller ?? null)
  if (given.caller !== undefined && given.caller !== caller) return null
  return {
    endpoint,
    endpoints: access.endpoints,
    caller,
    from: since === undefined ? null : new Date(since),
    to: until === undefined ? null : new Date(until),
  }
}

export function toTrafficData({ hour, totalMs, latency, ...counts }: TrafficHour): TrafficData {
  const { requests } = counts
  return {
    ...counts,
    hour: hour.toISOString(),
    averageMs: requests === 0 ? 0 : Math.round((totalMs / requests) * 100) / 100,
    p50Ms: quantile(latency, 0.5),
    p95Ms: quantile(latency, 0.95),
    p99Ms: quantile(latency, 0.99),
  }
}

/** The bound of the bucket that holds it. */
export function quantile(latency: readonly number[], share: number): number | null {
  const all = latency.reduce((sum, count) => sum + count, 0)
  let below = 0
  for (const [place, count] of latency.entries()) {
    below += count
    if (below >= all * share && below > 0) return LATENCY_BOUNDS_MS[place] ?? null
  }
  return 0
}
