import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { Task, TaskState } from '#model/run.ts'

const TASK_COLUMNS = `id, run_id AS "runId", kind, dataset, partition, state, conditional, forced, reason,
  attempts, started_at AS "startedAt", ended_at AS "endedAt", error, rows`

type TaskRow = Omit<Task, 'error'> & { readonly error: StoredError | null }

export interface TaskFilter {
  readonly runId?: string | undefined
  readonly dataset?: string | undefined
  readonly states?: readonly TaskState[] | undefined
  readonly limit: number
}

/** In the order of the plan, newest run first. */
export async function listTasks(session: TenantSession, filter: TaskFilter): Promise<Task[]> {
  const rows = await session.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM task
     WHERE tenant_id = $1 AND ($2::text IS NULL OR run_id = $2)
       AND ($3::text IS NULL OR dataset = $3) AND ($4::text[] IS NULL OR state = ANY ($4))
     ORDER BY run_id DESC, ordinal LIMIT $5`,
    [
      session.tenant.id,
      filter.runId ?? null,
      filter.dataset ?? null,
      filter.states ?? null,
      filter.limit,
    ],
  )
  return rows.map(toTask)
}

/** Null when the tenant has no such task. */
export async function getTask(session: TenantSession, taskId: number): Promise<Task | null> {
  const [row] = await session.query<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM task WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, taskId],
  )
  return row ? toTask(row) : null
}

function toTask(row: TaskRow): Task {
  return { ...row, error: readError(row.error)?.message ?? null }
}
