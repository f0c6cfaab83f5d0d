import { toJson } from '#catalog/json.ts'
import type { Lease } from '#catalog/queue.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError, type ErrorData } from '#kernel/errors.ts'
import type { JobCost } from '#model/outcome.ts'
import type { TaskState } from '#model/run.ts'

export interface TaskEnd extends Lease {
  readonly state: 'unchanged' | 'done' | 'failed' | 'cancelled'
  readonly error?: ErrorData | undefined
  readonly cost?: JobCost | undefined
}

/**
 * Ends tasks of one run that publish nothing; releases or skips what waits for them, ends the run
 * with its last task. Throws `lease-lost` when one of them is no longer ours, and changes nothing.
 */
export async function endTasks(
  session: TenantSession,
  runId: string,
  ends: readonly TaskEnd[],
): Promise<void> {
  if (ends.length === 0) return
  await holdLeases(session, runId, ends)
  await session.query('SELECT tasks_end($1, $2, $3)', [
    session.tenant.id,
    runId,
    toJson(ends.map(({ taskId, state, error, cost }) => ({ id: taskId, state, error, cost }))),
  ])
}

export interface TaskRetry extends Lease {
  readonly error: ErrorData
  readonly cost?: JobCost | undefined
  /** Default: the task's own policy, with jitter. */
  readonly delayMs?: number | undefined
  /** Run it in a batch of its own next time, so that it cannot fail others. */
  readonly alone: boolean
}

/**
 * Ends the attempts; tasks with attempts left become ready again after the delay, the others (and
 * those whose error is not retryable) end `failed`. Fenced like {@link endTasks}.
 */
export async function retryTasks(
  session: TenantSession,
  runId: string,
  retries: readonly TaskRetry[],
): Promise<{ retried: number[]; failed: number[] }> {
  const ended = await returnTasks(
    session,
    runId,
    retries,
    retries.map(({ taskId, error, cost, delayMs, alone }) => {
      const final = !error.retryable
      return { id: taskId, attempt: 'failed', error, cost, delayMs, alone, counts: true, final }
    }),
  )
  const failed = new Set(ended)
  const ids = retries.map(({ taskId }) => taskId)
  return {
    retried: ids.filter((id) => !failed.has(id)),
    failed: ids.filter((id) => failed.has(id)),
  }
}

/** Gives tasks back untried (a worker that stops): ready at once, and the attempt does not count. */
export async function releaseTasks(
  session: TenantSession,
  runId: string,
  leases: readonly Lease[],
): Promise<void> {
  await returnTasks(
    session,
    runId,
    leases,
    leases.map(({ taskId }) => ({
      id: taskId,
      attempt: 'released',
      delayMs: 0,
      alone: false,
      counts: false,
      final: false,
    })),
  )
}

/**
 * Asks for the end of a task that belongs to no run: one that waits ends now, one that runs is told
 * by its heartbeat and then ends `cancelled`. Returns its state; null when there is no such task.
 * Throws `task-of-run`.
 */
export async function cancelTask(
  session: TenantSession,
  taskId: number,
): Promise<TaskState | null> {
  const [row] = await session.query<{ state: TaskState | null; runId: string | null }>(
    `SELECT task_cancel($1, $2) AS state,
       (SELECT run_id FROM task WHERE tenant_id = $1 AND id = $2) AS "runId"`,
    [session.tenant.id, taskId],
  )
  if (row?.runId) throw new MillraceError('task-of-run', { task: taskId, run: row.runId })
  return row?.state ?? null
}

async function returnTasks(
  session: TenantSession,
  runId: string,
  leases: readonly Lease[],
  returns: readonly object[],
): Promise<number[]> {
  if (leases.length === 0) return []
  await holdLeases(session, runId, leases)
  const [row] = await session.query<{ ended: number[] }>(
    'SELECT to_json(tasks_return($1, $2, $3)) AS ended',
    [session.tenant.id, runId, toJson(returns)],
  )
  return row?.ended ?? []
}

/** Locks the run and the tasks until the transaction ends. Throws `lease-lost`. */
export async function holdLeases(
  session: TenantSession,
  runId: string,
  leases: readonly Lease[],
): Promise<void> {
  const [row] = await session.query<{ lost: number[] }>(
    'SELECT to_json(tasks_lost($1, $2, $3, $4)) AS lost',
    [
      session.tenant.id,
      runId,
      leases.map(({ taskId }) => taskId),
      leases.map(({ fence }) => fence),
    ],
  )
  const lost = row?.lost ?? []
  if (lost.length === 0) return
  const first = lost.slice(0, 5).join(', ')
  const more = lost.length > 5 ? ` and ${lost.length - 5} more` : ''
  throw new MillraceError('lease-lost', {
    tasks: `${lost.length === 1 ? 'task' : 'tasks'} ${first}${more}`,
  })
}
