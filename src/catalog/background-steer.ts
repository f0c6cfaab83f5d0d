import type { TenantSession } from '#catalog/session.ts'
import { STANDARD_ATTEMPTS } from '#model/task-definition.ts'

/** Which dead letters: one by its number, or all of a name. */
export type DeadLetters = { readonly id: number } | { readonly name: string }

/** One statement changes so many at most; whoever wants more asks again. */
const MOST = 10_000

/**
 * Failed tasks (one by number: a cancelled one, too) are ready again, with as many attempts as they
 * had at first. Returns their numbers.
 */
export async function retryDeadLetters(
  session: TenantSession,
  which: DeadLetters,
): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    `UPDATE task t
     SET state = 'ready', ended_at = NULL, error = NULL, run_after = NULL, start_before = NULL,
         cancel_requested = false,
         max_attempts = t.attempts + coalesce((
           SELECT (b.retry ->> 'attempts')::int FROM background_task b
           WHERE b.tenant_id = t.tenant_id AND b.task_id = t.id), $5)
     WHERE t.tenant_id = $1 AND t.id IN (
       SELECT d.id FROM task d
       WHERE d.tenant_id = $1 AND d.run_id = '' AND d.kind = 'background'
         AND (d.state = 'failed' OR (d.state = 'cancelled' AND d.id = $2))
         AND ($2::bigint IS NULL OR d.id = $2) AND ($3::text IS NULL OR d.dataset = $3)
       ORDER BY d.id LIMIT $4 FOR UPDATE)
     RETURNING t.id`,
    [session.tenant.id, ...chosen(which), MOST, STANDARD_ATTEMPTS],
  )
  if (rows.length > 0) await session.query(`SELECT pg_notify('millrace_ready', '')`)
  return rows.map(({ id }) => id).toSorted((a, b) => a - b)
}

/** Failed tasks are given up for good: they count as cancelled and keep their error. */
export async function discardDeadLetters(
  session: TenantSession,
  which: DeadLetters,
): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    `UPDATE task t SET state = 'cancelled'
     WHERE t.tenant_id = $1 AND t.id IN (
       SELECT d.id FROM task d
       WHERE d.tenant_id = $1 AND d.run_id = '' AND d.kind = 'background' AND d.state = 'failed'
         AND ($2::bigint IS NULL OR d.id = $2) AND ($3::text IS NULL OR d.dataset = $3)
       ORDER BY d.id LIMIT $4 FOR UPDATE)
     RETURNING t.id`,
    [session.tenant.id, ...chosen(which), MOST],
  )
  return rows.map(({ id }) => id).toSorted((a, b) => a - b)
}

function chosen(which: DeadLetters): [number | null, string | null] {
  return 'id' in which ? [which.id, null] : [null, which.name]
}
