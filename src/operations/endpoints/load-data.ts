import { z } from 'zod'

import type { TrafficCounts, TrafficFilter } from '#catalog/endpoint-traffic.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { quantile, trafficFields, trafficFilter } from '#operations/endpoints/traffic-data.ts'
import type { Caller } from '#operations/operation.ts'

const HOUR_MS = 3_600_000
const DEFAULT_HOURS = 24
const HOURS_MOST = 31 * 24

export const loadFields = {
  endpoint: trafficFields.endpoint,
  caller: trafficFields.caller,
  since: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('From this hour on; default: 24 hours before `until`.'),
  until: z.iso
    .datetime({ offset: true })
    .optional()
    .describe('Before this hour, 31 days after `since` at most; default: now.'),
}

/** What many requests come to. */
export const loadData = z.object({
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
  /** Requests by how long they took: at most each of `boundsMs`, and one bucket for longer ones. */
  latency: z.array(z.int()),
})

export function toLoadData(counts: TrafficCounts): z.output<typeof loadData> {
  const { requests, refused, unavailable, broken, cached, rows, bytes, totalMs, latency } = counts
  return {
    requests,
    refused,
    unavailable,
    broken,
    cached,
    rows,
    bytes,
    averageMs: requests === 0 ? 0 : Math.round((totalMs / requests) * 100) / 100,
    p50Ms: quantile(latency, 0.5),
    p95Ms: quantile(latency, 0.95),
    p99Ms: quantile(latency, 0.99),
    latency: [...latency],
  }
}

/** Whole hours. Throws `input-invalid` for a span that is too long or turned round. */
export function spanOf(
  { since, until }: { since?: string | undefined; until?: string | undefined },
  clock: Clock,
): { readonly from: Date; readonly to: Date } {
  // The hour that it is counts, as far as it has gone.
  const to =
    until === undefined
      ? (Math.floor(clock.now().getTime() / HOUR_MS) + 1) * HOUR_MS
      : Math.ceil(Date.parse(until) / HOUR_MS) * HOUR_MS
  const from =
    since === undefined
      ? to - DEFAULT_HOURS * HOUR_MS
      : Math.floor(Date.parse(since) / HOUR_MS) * HOUR_MS
  if (from >= to) throw invalid('is not before `until`')
  if (to - from > HOURS_MOST * HOUR_MS) {
    throw invalid('is more than 31 days before `until`: `endpoints traffic` has more, hour by hour')
  }
  return { from: new Date(from), to: new Date(to) }
}

function invalid(message: string): MillraceError {
  return new MillraceError('input-invalid', { path: 'since', message })
}

/** Null: whoever is limited asks for others' requests, and finds none. */
export function loadFilter(
  given: Parameters<typeof trafficFilter>[0],
  caller: Caller,
  clock: Clock,
): {
  readonly span: { readonly from: Date; readonly to: Date }
  readonly filter: (TrafficFilter & { readonly from: Date; readonly to: Date }) | null
} {
  const span = spanOf(given, clock)
  const filter = trafficFilter(given, caller)
  return { span, filter: filter && { ...filter, ...span } }
}
