import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'

export type FiringState =
  | 'queued'
  | 'started'
  | 'ran'
  | 'posted'
  | 'nothing'
  | 'skipped'
  | 'missed'
  | 'failed'

/** What became of one due time. */
export interface Firing {
  readonly dueAt: Date
  readonly cause: 'due' | 'caught-up' | 'manual'
  readonly state: FiringState
  readonly firedAt: Date
  readonly runId: string | null
  /** Background tasks that it posted. */
  readonly posted: readonly number[]
  readonly detail: string | null
}

/** A task that failed for good, or lost its worker too often, could not say so itself. */
const COLUMNS = `due_at AS "dueAt", cause, CASE WHEN state = 'started' AND EXISTS (
    SELECT FROM task t WHERE t.tenant_id = trigger_firing.tenant_id AND t.id = trigger_firing.task_id
      AND t.state IN ('failed', 'cancelled')) THEN 'failed' ELSE state END AS state, fired_at AS "firedAt", run_id AS "runId",
  to_json(posted) AS posted, detail`

/** Newest first. */
export async function listFirings(
  session: TenantSession,
  triggerId: string,
  limit: number,
): Promise<Firing[]> {
  return session.query<Firing>(
    `SELECT ${COLUMNS} FROM trigger_firing WHERE tenant_id = $1 AND trigger_id = $2
     ORDER BY due_at DESC LIMIT $3`,
    [session.tenant.id, triggerId, limit],
  )
}

/** Null when it is unknown. */
export async function getFiring(
  session: TenantSession,
  triggerId: string,
  dueAt: Date,
): Promise<Firing | null> {
  const [row] = await session.query<Firing>(
    `SELECT ${COLUMNS} FROM trigger_firing WHERE tenant_id = $1 AND trigger_id = $2 AND due_at = $3`,
    [session.tenant.id, triggerId, dueAt],
  )
  return row ?? null
}

/** Fires now, whatever the schedule says. */
export async function fireNow(session: TenantSession, triggerId: string): Promise<Date> {
  const [row] = await session.query<{ now: Date }>(
    `SELECT date_trunc('milliseconds', millrace_now()) AS now`,
  )
  const dueAt = row?.now as Date
  const { id: tenantId } = session.tenant
  await session.query('SELECT trigger_fire($1)', [
    toJson([{ tenantId, triggerId, dueAt, cause: 'manual', state: 'started' }]),
  ])
  return dueAt
}

export async function noteFiring(
  session: TenantSession,
  triggerId: string,
  dueAt: Date,
  outcome: {
    readonly state: FiringState
    readonly runId?: string | undefined
    readonly posted?: readonly number[] | undefined
    readonly detail?: string | undefined
  },
): Promise<void> {
  await session.query(
    `UPDATE trigger_firing SET state = $4, run_id = $5, posted = $6, detail = $7
     WHERE tenant_id = $1 AND trigger_id = $2 AND due_at = $3`,
    [
      session.tenant.id,
      triggerId,
      dueAt,
      outcome.state,
      outcome.runId ?? null,
      outcome.posted ?? [],
      outcome.detail ?? null,
    ],
  )
}

/** What the trigger started and has not ended: `run run_…`, `task task_…`; null: nothing. */
export async function stillBusy(session: TenantSession, triggerId: string): Promise<string | null> {
  const [row] = await session.query<{ busy: string | null }>(
    'SELECT trigger_busy($1, $2) AS busy',
    [session.tenant.id, triggerId],
  )
  return row?.busy ?? null
}

/** Runs of a trigger that have not ended. */
export async function openRunsOf(session: TenantSession, triggerId: string): Promise<string[]> {
  const rows = await session.query<{ id: string }>(
    `SELECT id FROM run WHERE tenant_id = $1 AND trigger_id = $2 AND state = 'running' ORDER BY id`,
    [session.tenant.id, triggerId],
  )
  return rows.map(({ id }) => id)
}

/** Background tasks of a trigger's newest posts that have not ended. */
export async function openTasksOf(session: TenantSession, triggerId: string): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    `SELECT t.id FROM (
       SELECT posted FROM trigger_firing
       WHERE tenant_id = $1 AND trigger_id = $2 AND state = 'posted' ORDER BY due_at DESC LIMIT 3
     ) AS newest
     CROSS JOIN unnest(newest.posted) AS posted (id)
     JOIN task t ON t.tenant_id = $1 AND t.id = posted.id
     WHERE t.state IN ('waiting', 'ready', 'running') ORDER BY t.id`,
    [session.tenant.id, triggerId],
  )
  return rows.map(({ id }) => id)
}
