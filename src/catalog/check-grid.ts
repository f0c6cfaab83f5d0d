import type { TenantSession } from '#catalog/session.ts'
import type { Severity } from '#model/severity.ts'

/** What one check came to in one slot: a day, or a partition. */
export interface CheckCell {
  readonly dataset: string
  readonly check: string
  readonly severity: Severity
  readonly slot: string
  readonly passed: number
  readonly failed: number
  /** Rows that broke the rule, of all failures that count rows. */
  readonly failingRows: number
}

/** A list of checks goes on behind this one. */
export interface CheckPlace {
  readonly dataset: string
  readonly check: string
}

interface Asked {
  readonly datasets: readonly string[]
  readonly after: CheckPlace
  /** Most checks. */
  readonly limit: number
}

/** Newest versions of a dataset that are looked through. */
export const VERSIONS_MAX = 5_000

/** By the day on which the versions were made, in a time zone. */
export async function checkDays(
  session: TenantSession,
  asked: Asked & { readonly since: Date; readonly zone: string },
): Promise<CheckCell[]> {
  return cells(
    session,
    asked,
    `SELECT v.id, v.dataset, (v.created_at AT TIME ZONE $7)::date::text AS slot
     FROM unnest($2::text[]) AS asked (dataset)
     CROSS JOIN LATERAL (
       SELECT id, dataset, created_at FROM version
       WHERE tenant_id = $1 AND dataset = asked.dataset AND created_at >= $6
       ORDER BY created_at DESC, id DESC LIMIT ${VERSIONS_MAX}
     ) AS v`,
    [asked.since, asked.zone],
  )
}

/** The newest version of each of a dataset's newest partitions, published or held. */
export async function checkPartitions(
  session: TenantSession,
  asked: Asked & { readonly partitions: number },
): Promise<CheckCell[]> {
  return cells(
    session,
    asked,
    `SELECT v.id, asked.dataset, p.partition AS slot
     FROM unnest($2::text[]) AS asked (dataset)
     CROSS JOIN LATERAL (
       SELECT partition FROM partition_pointer
       WHERE tenant_id = $1 AND environment = 'main' AND dataset = asked.dataset
       ORDER BY partition DESC LIMIT $6
     ) AS p
     CROSS JOIN LATERAL (
       SELECT id FROM version
       WHERE tenant_id = $1 AND dataset = asked.dataset AND partition = p.partition
       ORDER BY id DESC LIMIT 1
     ) AS v`,
    [asked.partitions],
  )
}

/** Cells of a page of checks, by dataset, check and slot. */
async function cells(
  session: TenantSession,
  { datasets, after, limit }: Asked,
  versions: string,
  more: readonly unknown[],
): Promise<CheckCell[]> {
  return session.query<CheckCell>(
    `WITH versions AS MATERIALIZED (${versions}),
     cell AS (
       SELECT v.dataset, c.name AS "check", v.slot,
         (array_agg(c.severity ORDER BY v.id DESC))[1] AS severity,
         count(*) FILTER (WHERE c.passed)::int AS passed,
         count(*) FILTER (WHERE NOT c.passed)::int AS failed,
         coalesce(sum(c.failing_rows) FILTER (WHERE NOT c.passed), 0)::bigint AS "failingRows"
       FROM versions v JOIN check_result c ON c.tenant_id = $1 AND c.version_id = v.id
       WHERE (v.dataset, c.name) > ($3::text, $4::text COLLATE "C")
       GROUP BY v.dataset, c.name, v.slot
     ),
     ranked AS (
       SELECT *, dense_rank() OVER (ORDER BY dataset, "check" COLLATE "C") AS place FROM cell
     )
     SELECT dataset, "check", severity, slot, passed, failed, "failingRows" FROM ranked
     WHERE place <= $5 ORDER BY dataset, "check" COLLATE "C", slot`,
    [session.tenant.id, datasets, after.dataset, after.check, limit, ...more],
  )
}
