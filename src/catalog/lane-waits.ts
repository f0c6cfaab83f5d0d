import type { TenantSession } from '#catalog/session.ts'
import type { ErrorData } from '#kernel/errors.ts'

/** What was sent to an append dataset and is not in it yet. */
export interface LaneWait {
  readonly dataset: string
  readonly requests: number
  readonly rows: number
  /** When the oldest of them came; null: none waits. */
  readonly since: Date | null
  /** Tries in a row that came to nothing; since when, and what the last one ended with. */
  readonly failures: number
  readonly failingSince: Date | null
  readonly error: ErrorData | null
}

/** By name; datasets that nothing was ever sent to are left out. */
export async function laneWaits(
  session: TenantSession,
  datasets: readonly string[],
): Promise<LaneWait[]> {
  if (datasets.length === 0) return []
  return session.query<LaneWait>(
    `SELECT l.dataset, l.waiting_requests AS requests, coalesce(w.rows, 0)::bigint AS rows, w.since,
       l.failures, l.failing_since AS "failingSince", l.error
     FROM append_lane l
     LEFT JOIN LATERAL (
       SELECT sum(a.rows) AS rows, min(a.received_at) AS since FROM acknowledgement a
       WHERE a.tenant_id = $1 AND a.dataset = l.dataset AND a.body IS NOT NULL
     ) AS w ON l.waiting_requests > 0
     WHERE l.tenant_id = $1 AND l.dataset = ANY ($2) ORDER BY l.dataset`,
    [session.tenant.id, datasets],
  )
}
