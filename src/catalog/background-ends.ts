import type { TaskProgress } from '#catalog/background-tasks.ts'
import { toJson } from '#catalog/json.ts'
import type { Lease } from '#catalog/queue.ts'
import type { TenantSession } from '#catalog/session.ts'
import { endTasks, holdLeases, type TaskEnd } from '#catalog/task-ends.ts'
import type { TaskState } from '#model/run.ts'

export interface BackgroundEnd extends TaskEnd {
  /** JSON; only where it ended `done`. */
  readonly result?: string | undefined
}

/** Ends background tasks, with what came out. Throws `lease-lost` as `endTasks` does. */
export async function endBackgroundTasks(
  session: TenantSession,
  ends: readonly BackgroundEnd[],
): Promise<void> {
  const results = ends.filter(({ result }) => result !== undefined)
  if (results.length > 0) {
    await holdLeases(session, '', ends)
    await session.query(
      `UPDATE background_task b SET result = r.result
       FROM unnest($2::bigint[], $3::text[]) AS r (id, result)
       WHERE b.tenant_id = $1 AND b.task_id = r.id`,
      [session.tenant.id, results.map(({ taskId }) => taskId), results.map(({ result }) => result)],
    )
  }
  await endTasks(session, '', ends)
}

/** False when the lease is no longer this one. */
export async function reportProgress(
  session: TenantSession,
  { taskId, fence }: Lease,
  progress: TaskProgress,
): Promise<boolean> {
  const kept = await session.query(
    `UPDATE background_task b SET progress = $4::jsonb || jsonb_build_object('at', millrace_now())
     FROM task t
     WHERE b.tenant_id = $1 AND b.task_id = $2 AND t.tenant_id = $1 AND t.id = $2
       AND t.state = 'running' AND t.fence = $3
     RETURNING b.task_id`,
    [session.tenant.id, taskId, fence, toJson(progress)],
  )
  return kept.length > 0
}

export interface LeaseState {
  readonly state: TaskState
  readonly fence: number | null
  readonly attempts: number
  readonly maxAttempts: number
  readonly isCancelRequested: boolean
}

/** The lease of a background task as it is now; null when the tenant has no such task. */
export async function leaseState(session: TenantSession, id: number): Promise<LeaseState | null> {
  const [row] = await session.query<LeaseState>(
    `SELECT state, fence, attempts, max_attempts AS "maxAttempts",
       cancel_requested AS "isCancelRequested"
     FROM task WHERE tenant_id = $1 AND id = $2 AND run_id = ''`,
    [session.tenant.id, id],
  )
  return row ?? null
}

/** Of these leases, those that are still ours, and whether somebody asked for the end of the task. */
export async function checkLeases(
  session: TenantSession,
  leases: readonly Lease[],
): Promise<Map<number, { readonly cancel: boolean }>> {
  const rows = await session.query<{ id: number; cancel: boolean }>(
    `SELECT t.id, t.cancel_requested AS cancel
     FROM unnest($2::bigint[], $3::bigint[]) AS mine (id, fence)
     JOIN task t ON t.tenant_id = $1 AND t.id = mine.id AND t.fence = mine.fence
     WHERE t.state = 'running'`,
    [session.tenant.id, leases.map(({ taskId }) => taskId), leases.map(({ fence }) => fence)],
  )
  return new Map(rows.map(({ id, cancel }) => [id, { cancel }]))
}

/**
 * Makes a lease last `leaseMs` from now; `owner` names the new holder where it changes hands (a
 * called service that works on by itself). Null when the lease is another's by now, the task has
 * ended, or the time of its attempt is over.
 */
export async function extendLease(
  session: TenantSession,
  { taskId, fence }: Lease,
  leaseMs: number,
  owner?: string,
): Promise<{ readonly cancel: boolean; readonly leaseUntil: Date } | null> {
  const [row] = await session.query<{ cancel: boolean; leaseUntil: Date }>(
    `UPDATE task
     SET lease_until = millrace_now() + $4::double precision * interval '1 millisecond',
         lease_owner = coalesce($5, lease_owner)
     WHERE tenant_id = $1 AND id = $2 AND run_id = '' AND state = 'running' AND fence = $3
       AND (deadline_at IS NULL OR deadline_at > millrace_now())
     RETURNING cancel_requested AS cancel, lease_until AS "leaseUntil"`,
    [session.tenant.id, taskId, fence, leaseMs, owner ?? null],
  )
  return row ?? null
}
