import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanBasis } from '#model/plan-basis.ts'
import type { PlanRequest } from '#model/plan.ts'

/** A plan that somebody was shown. */
export interface KeptPlan {
  readonly id: string
  readonly request: PlanRequest
  readonly basis: PlanBasis
}

const KEPT_HOURS = 24

/** Keeps it for a day from now; the same plan is kept once. */
export async function keepPlan(session: TenantSession, plan: KeptPlan): Promise<void> {
  await session.query(
    `WITH old AS (
       DELETE FROM plan WHERE tenant_id = $1 AND id <> $2
         AND seen_at < millrace_now() - $5 * interval '1 hour'
     )
     INSERT INTO plan (tenant_id, id, request, basis) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, id) DO UPDATE SET seen_at = millrace_now()`,
    [session.tenant.id, plan.id, toJson(plan.request), toJson(plan.basis), KEPT_HOURS],
  )
}

/** Null when it is unknown, or has been forgotten. */
export async function keptPlan(session: TenantSession, id: string): Promise<KeptPlan | null> {
  const [row] = await session.query<KeptPlan>(
    'SELECT id, request, basis FROM plan WHERE tenant_id = $1 AND id = $2',
    [session.tenant.id, id],
  )
  return row ?? null
}

/** The tenant's newest commit number. */
export async function lastCommit(session: TenantSession): Promise<number> {
  const [row] = await session.query<{ number: number }>(
    'SELECT last_commit AS number FROM tenant WHERE id = $1',
    [session.tenant.id],
  )
  return row?.number ?? 0
}

export interface MovedPointer {
  readonly dataset: string
  readonly partition: PartitionKey
  /** The run that published it, or whose publish was undone. */
  readonly runId: string | null
  readonly isUndone: boolean
}

/**
 * What became current in these datasets after a commit, by name. Holds the lock that orders the
 * tenant's publishes, so that nothing is published between this look and the end of the transaction.
 */
export async function movedSince(
  session: TenantSession,
  commitNumber: number,
  datasets: readonly string[],
): Promise<MovedPointer[]> {
  await session.query('SELECT FROM tenant WHERE id = $1 FOR UPDATE', [session.tenant.id])
  return session.query<MovedPointer>(
    `SELECT p.dataset, p.partition, coalesce(p.undone_run, v.run_id) AS "runId",
       p.undone_run IS NOT NULL AS "isUndone"
     FROM partition_pointer p
     LEFT JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = ANY ($3)
       AND p.commit_number > $2
     ORDER BY p.dataset, p.partition`,
    [session.tenant.id, commitNumber, datasets],
  )
}
