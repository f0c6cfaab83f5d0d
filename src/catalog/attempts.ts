import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { JobCost } from '#model/outcome.ts'

export interface Attempt {
  readonly taskId: number
  readonly number: number
  readonly worker: string
  readonly startedAt: Date
  readonly endedAt: Date | null
  /** `lost`: the lease ran out. `released`: given back untried. */
  readonly state:
    | 'running'
    | 'done'
    | 'unchanged'
    | 'held'
    | 'failed'
    | 'cancelled'
    | 'lost'
    | 'released'
  readonly error: ErrorData | null
  readonly cost: JobCost | null
}

/**
 * First attempt first. The last attempt of a task that belongs to no run has no row of its own
 * unless it was tried again: the task's row tells of it.
 */
export async function listAttempts(session: TenantSession, taskId: number): Promise<Attempt[]> {
  const rows = await session.query<Attempt & { error: StoredError | null }>(
    `SELECT task_id AS "taskId", number, worker, started_at AS "startedAt", ended_at AS "endedAt",
       state, error, cost
     FROM attempt WHERE tenant_id = $1 AND task_id = $2
     UNION ALL
     SELECT t.id, t.attempts, t.lease_owner, t.claimed_at, t.ended_at, t.state, t.error, NULL
     FROM task t
     WHERE t.tenant_id = $1 AND t.id = $2 AND t.run_id = '' AND t.lease_owner IS NOT NULL
       AND NOT EXISTS (SELECT FROM attempt a
         WHERE a.tenant_id = $1 AND a.task_id = $2 AND a.number = t.attempts)
     ORDER BY number`,
    [session.tenant.id, taskId],
  )
  return rows.map((row) => ({ ...row, error: readError(row.error) }))
}

export interface DatasetCost {
  readonly dataset: string
  /** Means per task over the newest attempts (at most 200) that ended well. */
  readonly wallMs: number
  readonly readBytes: number
  readonly attempts: number
}

/** What a task of each dataset has cost lately, for estimates; datasets without attempts are left out. */
export async function loadCosts(
  session: TenantSession,
  datasets: readonly string[],
): Promise<DatasetCost[]> {
  return session.query<DatasetCost>(
    `SELECT asked.dataset, c.*
     FROM unnest($2::text[]) AS asked (dataset)
     CROSS JOIN LATERAL (
       SELECT avg((cost ->> 'wallMs')::double precision) AS "wallMs",
         avg((cost ->> 'readBytes')::double precision) AS "readBytes", count(*)::int AS attempts
       FROM (
         SELECT cost FROM attempt a
         WHERE a.tenant_id = $1 AND a.dataset = asked.dataset AND a.state = 'done'
           AND a.cost IS NOT NULL
         ORDER BY a.ended_at DESC LIMIT 200
       ) AS newest
     ) AS c
     WHERE c.attempts > 0`,
    [session.tenant.id, datasets],
  )
}
