import type { SystemSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { TaskState } from '#model/run.ts'

/** The end of a task that somebody wants to be told of. */
export interface Callback {
  readonly id: number
  readonly tenantId: number
  readonly tenantSlug: string
  readonly taskId: number
  readonly name: string
  readonly url: string
  readonly taskState: TaskState
  readonly taskError: ErrorData | null
  readonly attempts: number
  readonly endedAt: Date
  /** JSON; null when it has none. */
  readonly result: string | null
  /** Number of this try to deliver it, from 1; names the claim when it is settled. */
  readonly number: number
  /** Sealed. Null: the tenant has none, and nothing is signed. */
  readonly secret: string | null
}

/** Callbacks that are due, of any tenant; another deliverer may have them when `leaseMs` are over. */
export async function claimCallbacks(
  session: SystemSession,
  max: number,
  leaseMs: number,
): Promise<Callback[]> {
  const rows = await session.query<Callback & { taskError: StoredError | null }>(
    `SELECT id, tenant_id AS "tenantId", tenant_slug AS "tenantSlug", task_id AS "taskId", name, url,
       task_state AS "taskState", task_error AS "taskError", attempts, ended_at AS "endedAt", result,
       number, secret
     FROM callbacks_claim($1, $2)`,
    [max, leaseMs],
  )
  return rows.map((row) => ({ ...row, taskError: readError(row.taskError) }))
}

/**
 * Says how a try came out: delivered, or the error and when to try again. Returns the state then
 * (`given-up` when that would be too late), null when another deliverer has it by now.
 */
export async function settleCallback(
  session: SystemSession,
  { tenantId, id, number }: Callback,
  failure: { readonly error: string; readonly delayMs: number } | null,
): Promise<'delivered' | 'waiting' | 'given-up' | null> {
  const [row] = await session.query<{ state: 'delivered' | 'waiting' | 'given-up' | null }>(
    'SELECT callback_settle($1, $2, $3, $4, $5) AS state',
    [tenantId, id, number, failure?.error ?? null, failure?.delayMs ?? null],
  )
  return row?.state ?? null
}

/** Milliseconds until a callback is due; null: there is none. */
export async function nextCallbackMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT callbacks_next_wake() AS ms')
  return row?.ms ?? null
}

/** Removes background tasks that ended well or were cancelled longer ago; at most `max` of them. */
export async function sweepBackgroundTasks(
  session: SystemSession,
  keepMs: number,
  max: number,
): Promise<number> {
  const [row] = await session.query<{ swept: number }>('SELECT background_sweep($1, $2) AS swept', [
    keepMs,
    max,
  ])
  return row?.swept ?? 0
}
