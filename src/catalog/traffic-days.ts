import { LATENCY_BOUNDS_MS } from '#catalog/endpoint-traffic.ts'
import type { TenantSession } from '#catalog/session.ts'

// A tenant's endpoint traffic as days (UTC) of text, an object of JSON a line. Whatever is added to a
// day adds to its requests, and keys keep their names: lines and requests together tell one state of a
// day from every other.

export interface TrafficDay {
  /** `2026-11-22` */
  readonly day: string
  readonly lines: number
  readonly requests: number
  /** Beginning of the last hour in which somebody asked. */
  readonly lastHour: Date
}

const within = LATENCY_BOUNDS_MS.map((bound, place) => {
  const buckets = Array.from({ length: place + 1 }, (_, at) => `coalesce(o.latency[${at + 1}], 0)`)
  return `'within_${bound}_ms', ${buckets.join(' + ')}`
})

const LINE = `json_build_object(
  'hour', to_char(o.hour AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'endpoint', o.endpoint, 'endpoint_version', o.version,
  'caller_kind', split_part(o.caller, ' ', 1),
  'caller', nullif(substr(o.caller, length(split_part(o.caller, ' ', 1)) + 2), ''),
  'key_name', k.name,
  'requests', o.requests, 'refused', o.refused, 'unavailable', o.unavailable, 'broken', o.broken,
  'cached', o.cached, 'rows', o.rows, 'bytes', o.bytes, 'total_ms', round(o.total_ms::numeric, 3),
  ${within.join(', ')})::text`

const NAMED = `LEFT JOIN api_key k ON k.tenant_id = o.tenant_id AND o.caller = 'key ' || k.id`

const DAY = `(o.hour AT TIME ZONE 'UTC')::date`

const HEAD = `to_char(${DAY}, 'YYYY-MM-DD') AS day, count(*)::int AS lines,
  sum(o.requests)::bigint AS requests, max(o.hour) AS "lastHour"`

const SHOWN = `o.tenant_id = $1 AND o.hour >=
  (date_trunc('day', millrace_now() AT TIME ZONE 'UTC') - $2::int * interval '1 day') AT TIME ZONE 'UTC'`

/** Days in which somebody asked, in their order: today and so many before it. */
export async function trafficDays(
  session: TenantSession,
  shownDays: number,
): Promise<TrafficDay[]> {
  return session.query<TrafficDay>(
    `SELECT ${HEAD} FROM endpoint_traffic o WHERE ${SHOWN} GROUP BY ${DAY} ORDER BY ${DAY}`,
    [session.tenant.id, shownDays],
  )
}

/** Of these days the ones that are among them, with the bytes of their lines; in no order. */
export async function measureTrafficDays(
  session: TenantSession,
  shownDays: number,
  days: readonly string[],
): Promise<(TrafficDay & { readonly sizeBytes: number })[]> {
  return session.query<TrafficDay & { readonly sizeBytes: number }>(
    `SELECT ${HEAD}, sum(octet_length(${LINE}) + 1)::bigint AS "sizeBytes"
     FROM endpoint_traffic o ${NAMED}
     WHERE ${SHOWN} AND ${DAY} = ANY ($3::date[])
       AND o.hour >= (SELECT min(d) FROM unnest($3::date[]) d)::timestamp AT TIME ZONE 'UTC'
       AND o.hour < (SELECT max(d) + 1 FROM unnest($3::date[]) d)::timestamp AT TIME ZONE 'UTC'
     GROUP BY ${DAY}`,
    [session.tenant.id, shownDays, days],
  )
}

export interface TrafficLine {
  /** Without its end. */
  readonly line: string
  readonly requests: number
  readonly hour: Date
  readonly endpoint: string
  readonly version: number
  readonly caller: string
}

/** Lines of a day in their order, behind `after`, at most `limit`. */
export async function trafficLines(
  session: TenantSession,
  day: string,
  { after, limit }: { readonly after: TrafficLine | null; readonly limit: number },
): Promise<TrafficLine[]> {
  return session.query<TrafficLine>(
    `SELECT ${LINE} AS line, o.requests, o.hour, o.endpoint, o.version, o.caller
     FROM endpoint_traffic o ${NAMED}
     WHERE o.tenant_id = $1 AND o.hour >= $2::date::timestamp AT TIME ZONE 'UTC'
       AND o.hour < ($2::date + 1)::timestamp AT TIME ZONE 'UTC'
       AND ($3::timestamptz IS NULL
         OR (o.hour, o.endpoint, o.version, o.caller) > ($3, $4::text, $5::int, $6::text))
     ORDER BY o.hour, o.endpoint, o.version, o.caller LIMIT $7`,
    [
      session.tenant.id,
      day,
      after?.hour ?? null,
      after?.endpoint ?? null,
      after?.version ?? null,
      after?.caller ?? null,
      limit,
    ],
  )
}
