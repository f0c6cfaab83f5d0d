import {
  LATENCY_BOUNDS_MS,
  type TrafficCounts,
  type TrafficFilter,
} from '#catalog/endpoint-traffic.ts'
import type { TenantSession } from '#catalog/session.ts'

/** Requests of a span of time, summed in the catalog: an answer grows with hours, not with callers. */
type Span = TrafficFilter & { readonly from: Date; readonly to: Date }

const buckets = Array.from(
  { length: LATENCY_BOUNDS_MS.length + 1 },
  (_, place) => `coalesce(sum(latency[${place + 1}]), 0)::bigint`,
)

const SUMS = `sum(requests)::bigint AS requests, sum(refused)::bigint AS refused,
  sum(unavailable)::bigint AS unavailable, sum(broken)::bigint AS broken,
  sum(cached)::bigint AS cached, sum(rows)::bigint AS rows, sum(bytes)::bigint AS bytes,
  sum(total_ms) AS "totalMs", jsonb_build_array(${buckets.join(', ')}) AS latency`

const FROM = `FROM endpoint_traffic
  WHERE tenant_id = $1 AND hour >= $2 AND hour < $3 AND ($4::text IS NULL OR endpoint = $4)
    AND ($5::text[] IS NULL OR endpoint = ANY ($5)) AND ($6::text IS NULL OR caller = $6)`

function valuesOf(session: TenantSession, span: Span): unknown[] {
  const { from, to, endpoint, endpoints, caller } = span
  return [session.tenant.id, from, to, endpoint, endpoints, caller]
}

export interface HourLoad extends TrafficCounts {
  /** Beginning of the hour. */
  readonly hour: Date
}

/** Hours in which somebody asked, in their order. */
export async function loadByHour(session: TenantSession, span: Span): Promise<HourLoad[]> {
  return session.query<HourLoad>(
    `SELECT hour, ${SUMS} ${FROM} GROUP BY hour ORDER BY hour`,
    valuesOf(session, span),
  )
}

export interface CallerLoad extends TrafficCounts {
  readonly caller: string
  readonly lastHour: Date
}

/** Those who asked most, at most `most` of them. */
export async function loadByCaller(
  session: TenantSession,
  span: Span,
  most: number,
): Promise<CallerLoad[]> {
  return session.query<CallerLoad>(
    `SELECT caller, max(hour) AS "lastHour", ${SUMS} ${FROM}
     GROUP BY caller ORDER BY sum(requests) DESC, caller LIMIT $7`,
    [...valuesOf(session, span), most],
  )
}

export interface EndpointLoad extends TrafficCounts {
  readonly endpoint: string
  readonly callers: number
  /** Hours in which somebody asked, in their order. */
  readonly hours: readonly { readonly hour: Date; readonly requests: number }[]
}

/** Endpoints that somebody asked, by name, behind `after`. */
export async function loadByEndpoint(
  session: TenantSession,
  span: Span,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<EndpointLoad[]> {
  const loads = await session.query<Omit<EndpointLoad, 'hours'>>(
    `SELECT endpoint, count(DISTINCT caller)::int AS callers, ${SUMS} ${FROM} AND endpoint > $7
     GROUP BY endpoint ORDER BY endpoint LIMIT $8`,
    [...valuesOf(session, span), after, limit],
  )
  const names = loads.map(({ endpoint }) => endpoint)
  const hours = await session.query<{ endpoint: string; hour: Date; requests: number }>(
    `SELECT endpoint, hour, sum(requests)::bigint AS requests ${FROM} AND endpoint = ANY ($7)
     GROUP BY endpoint, hour ORDER BY endpoint, hour`,
    [...valuesOf(session, span), names],
  )
  const own = Map.groupBy(hours, ({ endpoint }) => endpoint)
  return loads.map((load) => ({
    ...load,
    hours: (own.get(load.endpoint) ?? []).map(({ hour, requests }) => ({ hour, requests })),
  }))
}
