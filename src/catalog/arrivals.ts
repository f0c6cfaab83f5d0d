import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'

/** One version of a source's partition: an object that was read, or rows that were sent. */
export interface Arrival {
  readonly partition: PartitionKey
  readonly versionId: number
  readonly at: Date
  /** The same as text, with all its digits: places of lists are made of it. */
  readonly atText: string
  readonly state: 'published' | 'held'
  readonly isCurrent: boolean
  readonly rows: number
  readonly runId: string
  readonly origin: SourceOrigin
}

/** Newest first, behind a place. */
export async function listArrivals(
  session: TenantSession,
  asked: {
    readonly dataset: string
    readonly partition: PartitionKey | null
    readonly since: Date | null
    readonly after: { readonly at: string; readonly versionId: number } | null
    readonly limit: number
  },
): Promise<Arrival[]> {
  const { dataset, partition, since, after, limit } = asked
  return session.query<Arrival>(
    // The page first: where the rows lie decides, not how many pointers there are.
    `SELECT v.*, coalesce(p.version_id = v."versionId", false) AS "isCurrent"
     FROM (
       SELECT partition, id AS "versionId", created_at AS at, created_at::text AS "atText", state, rows,
         run_id AS "runId", origin
       FROM version
       WHERE tenant_id = $1 AND dataset = $2 AND origin IS NOT NULL
         AND ($3::text IS NULL OR partition = $3)
         AND ($4::timestamptz IS NULL OR created_at >= $4)
         AND ($5::text IS NULL OR (created_at, id) < ($5::timestamptz, $6::bigint))
       ORDER BY created_at DESC, id DESC LIMIT $7
     ) AS v
     LEFT JOIN LATERAL (
       SELECT version_id FROM partition_pointer
       WHERE tenant_id = $1 AND environment = 'main' AND dataset = $2 AND partition = v.partition
       OFFSET 0
     ) AS p ON true
     ORDER BY v.at DESC, v."versionId" DESC`,
    [session.tenant.id, dataset, partition, since, after?.at ?? null, after?.versionId ?? 0, limit],
  )
}

/** What of a source is published, and how its newest attempts went. */
export interface SourceTotals {
  readonly dataset: string
  readonly partitions: number
  readonly failed: number
  readonly held: number
  readonly rows: number
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
  /** Of the newest version; null: nothing is published. */
  readonly arrivedAt: Date | null
  readonly newest: PartitionKey | null
}

/** By name; sources of which nothing was ever tried are left out. */
export async function sourceTotals(
  session: TenantSession,
  datasets: readonly string[],
): Promise<SourceTotals[]> {
  return session.query<SourceTotals>(
    `SELECT p.dataset, count(v.id)::int AS partitions,
       count(*) FILTER (WHERE p.failed_state = 'failed')::int AS failed,
       count(*) FILTER (WHERE p.failed_state = 'held')::int AS held,
       coalesce(sum(v.rows), 0)::bigint AS rows,
       coalesce(sum((v.origin ->> 'received')::bigint), 0)::bigint AS received,
       coalesce(sum((v.origin ->> 'accepted')::bigint), 0)::bigint AS accepted,
       coalesce(sum((v.origin ->> 'repaired')::bigint), 0)::bigint AS repaired,
       coalesce(sum((v.origin ->> 'quarantined')::bigint), 0)::bigint AS quarantined,
       max(v.created_at) AS "arrivedAt", max(p.partition) FILTER (WHERE v.id IS NOT NULL) AS newest
     FROM partition_pointer p LEFT JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = ANY ($2)
     GROUP BY p.dataset ORDER BY p.dataset`,
    [session.tenant.id, datasets],
  )
}

/** What came in on one day of a time zone. */
export interface ArrivalDay {
  readonly dataset: string
  readonly day: string
  readonly arrivals: number
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
}

/** Newest versions of a source that are looked through. */
const VERSIONS_MAX = 5_000

/**
 * By dataset and day. Each version of an object counts with all its rows, one that grew (`appended`)
 * with what it has more than the version before it; what a replay mended came in before.
 */
export async function arrivalDays(
  session: TenantSession,
  asked: {
    readonly datasets: readonly string[]
    readonly appended: readonly string[]
    readonly since: Date
    readonly zone: string
  },
): Promise<ArrivalDay[]> {
  const sum = (field: keyof SourceOrigin) =>
    `sum(greatest((v.origin ->> '${field}')::bigint - coalesce((f.origin ->> '${field}')::bigint, 0), 0))::bigint AS ${field}`
  return session.query<ArrivalDay>(
    `SELECT v.dataset, (v.created_at AT TIME ZONE $5)::date::text AS day, count(*)::int AS arrivals,
       ${sum('received')}, ${sum('accepted')}, ${sum('repaired')}, ${sum('quarantined')}
     FROM unnest($2::text[]) AS asked (dataset)
     CROSS JOIN LATERAL (
       SELECT dataset, created_at, origin, previous_version_id FROM version
       WHERE tenant_id = $1 AND dataset = asked.dataset AND created_at >= $4 AND origin IS NOT NULL
         AND state = 'published' AND run_id NOT LIKE 'mend-%'
       ORDER BY created_at DESC, id DESC LIMIT ${VERSIONS_MAX}
     ) AS v
     LEFT JOIN version f ON f.tenant_id = $1 AND f.id = v.previous_version_id
       AND v.dataset = ANY ($3::text[])
     GROUP BY v.dataset, day ORDER BY v.dataset, day`,
    [session.tenant.id, asked.datasets, asked.appended, asked.since, asked.zone],
  )
}
