import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'

/** Upper bounds in milliseconds; the last bucket has none. */
export const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const

/** What was counted of one endpoint's requests by one caller. */
export interface TrafficCounts {
  readonly requests: number
  /** Of those, refused for what the caller sent. */
  readonly refused: number
  /** Of those, not answered for what passes by itself: too busy, out of reach. */
  readonly unavailable: number
  /** Of those, not answered for a mistake of ours or of the endpoint's author. */
  readonly broken: number
  /** Of those, answered without reading a row. */
  readonly cached: number
  readonly rows: number
  readonly bytes: number
  /** Sum of how long they took. */
  readonly totalMs: number
  /** Requests by `LATENCY_BOUNDS_MS`, one bucket more than bounds. */
  readonly latency: readonly number[]
}

export interface TrafficKey {
  readonly endpoint: string
  readonly version: number
  /** As in the audit log: `key mk_…`, `user usr_…`. */
  readonly caller: string
}

/** Adds counts of several tenants to the hour that it is. What is older than `keepDays` goes. */
export async function addEndpointTraffic(
  session: SystemSession,
  counts: readonly (TrafficKey & TrafficCounts & { readonly tenantId: number })[],
  keepDays: number,
): Promise<void> {
  const given = counts.map(({ tenantId, ...count }) => ({ ...count, tenant: tenantId }))
  await session.query('SELECT endpoint_traffic_add($1, $2)', [toJson(given), keepDays])
}

export interface TrafficHour extends TrafficKey, TrafficCounts {
  /** Beginning of the hour. */
  readonly hour: Date
}

export interface TrafficFilter {
  readonly endpoint: string | null
  /** Null: of every endpoint. What is not in it is left out. */
  readonly endpoints: readonly string[] | null
  readonly caller: string | null
  /** From this hour on, and before that one; null: no bound. */
  readonly from: Date | null
  readonly to: Date | null
}

type Place = TrafficKey & Pick<TrafficHour, 'hour'>

/** Hours of a tenant's endpoints, the newest first; behind `after`, at most `limit`. */
export async function endpointTraffic(
  session: TenantSession,
  { endpoint, endpoints, caller, from, to }: TrafficFilter,
  { after, limit }: { readonly after: Place | null; readonly limit: number },
): Promise<TrafficHour[]> {
  return session.query<TrafficHour>(
    `SELECT hour, endpoint, version, caller, requests, refused, unavailable, broken, cached, rows,
       bytes, total_ms AS "totalMs", to_jsonb(latency) AS latency
     FROM endpoint_traffic
     WHERE tenant_id = $1 AND ($2::text IS NULL OR endpoint = $2)
       AND ($3::text[] IS NULL OR endpoint = ANY ($3)) AND ($4::text IS NULL OR caller = $4)
       AND hour >= coalesce($5::timestamptz, '-infinity') AND hour < coalesce($6::timestamptz, 'infinity')
       AND ($7::timestamptz IS NULL OR hour < $7
         OR (hour = $7 AND (endpoint, version, caller) > ($8::text, $9::int, $10::text)))
     ORDER BY hour DESC, endpoint, version, caller LIMIT $11`,
    [
      session.tenant.id,
      endpoint,
      endpoints,
      caller,
      from,
      to,
      after?.hour ?? null,
      after?.endpoint ?? null,
      after?.version ?? null,
      after?.caller ?? null,
      limit,
    ],
  )
}

/** Who has asked for each version of an endpoint in so many days, and how often. */
export async function endpointUsers(
  session: TenantSession,
  endpoint: string,
  days: number,
): Promise<{ version: number; caller: string; requests: number; lastHour: Date }[]> {
  return session.query(
    `SELECT version, caller, sum(requests)::bigint AS requests, max(hour) AS "lastHour"
     FROM endpoint_traffic
     WHERE tenant_id = $1 AND endpoint = $2 AND hour >= millrace_now() - $3::int * interval '1 day'
     GROUP BY version, caller ORDER BY requests DESC, caller LIMIT 200`,
    [session.tenant.id, endpoint, days],
  )
}

/** Requests of these callers by hour, oldest first, from so many hours ago to now. */
export async function callersTraffic(
  session: TenantSession,
  { callers, endpoints, hours }: CallersTraffic,
): Promise<{ caller: string; hour: Date; requests: number; refused: number }[]> {
  return session.query(
    `SELECT caller, hour, sum(requests)::bigint AS requests, sum(refused)::bigint AS refused
     FROM endpoint_traffic
     WHERE tenant_id = $1 AND hour > millrace_now() - $2::int * interval '1 hour'
       AND caller = ANY ($3) AND ($4::text[] IS NULL OR endpoint = ANY ($4))
     GROUP BY caller, hour ORDER BY caller, hour`,
    [session.tenant.id, hours, callers, endpoints],
  )
}

interface CallersTraffic {
  readonly callers: readonly string[]
  /** Null: of every endpoint. */
  readonly endpoints: readonly string[] | null
  readonly hours: number
}
