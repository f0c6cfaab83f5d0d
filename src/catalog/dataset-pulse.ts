import type { TenantSession } from '#catalog/session.ts'

/** How the work on a dataset went lately, and how good its newest partitions are. */
export interface DatasetPulse {
  readonly dataset: string
  /** Of the newest attempt that ended well; null: none did. */
  readonly lastMs: number | null
  readonly lastAt: Date | null
  /** Tasks of it that are at work. */
  readonly running: number
  /** Newest partitions that were looked at for the rest. */
  readonly looked: number
  readonly checks: number
  readonly failedChecks: number
  readonly quarantined: number
}

/** Partitions of each dataset whose checks and held-back rows are counted. */
const LOOKED = 36

export async function datasetPulses(
  session: TenantSession,
  datasets: readonly string[],
): Promise<DatasetPulse[]> {
  return session.query<DatasetPulse>(
    `SELECT asked.dataset, last.ms AS "lastMs", last.at AS "lastAt",
       coalesce(busy.running, 0) AS running, newest.looked, newest.checks,
       newest.failed AS "failedChecks", newest.quarantined
     FROM unnest($2::text[]) AS asked (dataset)
     LEFT JOIN LATERAL (
       SELECT (a.cost ->> 'wallMs')::double precision AS ms, a.ended_at AS at FROM attempt a
       WHERE a.tenant_id = $1 AND a.dataset = asked.dataset AND a.state = 'done'
       ORDER BY a.ended_at DESC LIMIT 1
     ) AS last ON true
     LEFT JOIN (
       SELECT t.dataset, count(*)::int AS running FROM task t
       WHERE t.tenant_id = $1 AND t.state = 'running' GROUP BY t.dataset
     ) AS busy ON busy.dataset = asked.dataset
     CROSS JOIN LATERAL (
       SELECT count(*)::int AS looked, coalesce(sum(c.checks), 0)::int AS checks,
         coalesce(sum(c.failed), 0)::int AS failed, coalesce(sum(q.rows), 0)::bigint AS quarantined
       FROM (
         SELECT p.version_id FROM partition_pointer p
         WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = asked.dataset
           AND p.version_id IS NOT NULL
         ORDER BY p.partition DESC LIMIT ${LOOKED}
       ) AS p
       CROSS JOIN LATERAL (
         SELECT count(*) AS checks, count(*) FILTER (WHERE NOT r.passed) AS failed
         FROM check_result r WHERE r.tenant_id = $1 AND r.version_id = p.version_id
       ) AS c
       CROSS JOIN LATERAL (
         SELECT sum(e.rows) AS rows FROM extent e
         WHERE e.tenant_id = $1 AND e.version_id = p.version_id AND e.role = 'quarantine'
       ) AS q
     ) AS newest`,
    [session.tenant.id, datasets],
  )
}
