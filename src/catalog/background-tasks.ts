import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { TaskClass, TaskHandler, TaskState } from '#model/run.ts'
import type { RetryPolicy } from '#model/task-definition.ts'

export interface TaskProgress {
  readonly done?: number | undefined
  readonly total?: number | undefined
  readonly message?: string | undefined
}

/** A background task as its owner sees it. */
export interface BackgroundTask {
  readonly id: number
  readonly name: string
  readonly handler: TaskHandler
  readonly state: TaskState
  readonly class: TaskClass
  readonly priority: number
  readonly tags: readonly string[]
  readonly concurrencyKey: string | null
  readonly attempts: number
  readonly maxAttempts: number
  readonly timeoutMs: number | null
  readonly createdAt: Date
  /** Not before; null once it is due. */
  readonly runAt: Date | null
  readonly startBefore: Date | null
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly deadlineAt: Date | null
  readonly error: ErrorData | null
  readonly isCancelRequested: boolean
  readonly progress: (TaskProgress & { readonly at: string }) | null
  readonly idempotencyKey: string | null
  readonly askedBy: string
  readonly callbackUrl: string | null
}

const COLUMNS = `t.id, t.dataset AS name, t.handler, t.state, t.class, t.priority, t.tags,
  t.concurrency_key AS "concurrencyKey", t.attempts, t.max_attempts AS "maxAttempts",
  t.timeout_ms AS "timeoutMs", t.created_at AS "createdAt", t.run_after AS "runAt",
  t.start_before AS "startBefore", t.started_at AS "startedAt", t.ended_at AS "endedAt",
  CASE t.state WHEN 'running' THEN t.deadline_at END AS "deadlineAt", t.error,
  t.cancel_requested AS "isCancelRequested", b.progress, b.dedupe_key AS "idempotencyKey",
  b.asked_by AS "askedBy", b.callback_url AS "callbackUrl"`

const FROM = `FROM task t JOIN background_task b ON b.tenant_id = t.tenant_id AND b.task_id = t.id
  WHERE t.tenant_id = $1 AND t.run_id = ''`

type Row = Omit<BackgroundTask, 'error'> & { readonly error: StoredError | null }

function toTask<R extends Row>(row: R): Omit<R, 'error'> & { readonly error: ErrorData | null } {
  return { ...row, error: readError(row.error) }
}

export interface BackgroundTaskDetails extends BackgroundTask {
  /** JSON as it was sent; the result null: none yet, or none at all. */
  readonly payload: string
  readonly result: string | null
  readonly callback: CallbackState | null
}

/** How the newest callback fares. */
export interface CallbackState {
  readonly state: 'waiting' | 'delivered' | 'given-up'
  readonly attempts: number
  readonly nextAt: string | null
  readonly error: string | null
}

/** Null when the tenant has no background task of that number. */
export async function getBackgroundTask(
  session: TenantSession,
  id: number,
): Promise<BackgroundTaskDetails | null> {
  const [row] = await session.query<
    Row & Pick<BackgroundTaskDetails, 'payload' | 'result' | 'callback'>
  >(
    `SELECT ${COLUMNS}, b.payload, b.result, (
       SELECT json_build_object('state', c.state, 'attempts', c.attempts, 'error', c.error,
         'nextAt', CASE c.state WHEN 'waiting' THEN c.next_at END)
       FROM task_callback c WHERE c.tenant_id = $1 AND c.task_id = t.id
       ORDER BY c.id DESC LIMIT 1) AS callback
     ${FROM} AND t.id = $2`,
    [session.tenant.id, id],
  )
  return row ? toTask(row) : null
}

/** Several at once, in no order; unknown ones are left out. */
export async function getBackgroundTasks(
  session: TenantSession,
  ids: readonly number[],
): Promise<BackgroundTask[]> {
  const rows = await session.query<Row>(`SELECT ${COLUMNS} ${FROM} AND t.id = ANY ($2)`, [
    session.tenant.id,
    ids,
  ])
  return rows.map(toTask)
}

export interface BackgroundFilter {
  readonly name?: string | undefined
  readonly states?: readonly TaskState[] | undefined
  /** Posted at this time or later. */
  readonly since?: Date | undefined
  /** Only tasks that were posted before this one. */
  readonly before?: number | undefined
  readonly limit: number
}

/** Newest first. */
export async function listBackgroundTasks(
  session: TenantSession,
  filter: BackgroundFilter,
): Promise<BackgroundTask[]> {
  const rows = await session.query<Row>(
    `SELECT ${COLUMNS} ${FROM}
       AND ($2::text IS NULL OR t.dataset = $2) AND ($3::text[] IS NULL OR t.state = ANY ($3))
       AND ($4::timestamptz IS NULL OR t.created_at >= $4) AND ($5::bigint IS NULL OR t.id < $5)
     ORDER BY t.id DESC LIMIT $6`,
    [
      session.tenant.id,
      filter.name ?? null,
      filter.states ?? null,
      filter.since ?? null,
      filter.before ?? null,
      filter.limit,
    ],
  )
  return rows.map(toTask)
}

/** Ready tasks of the same lane that come first; counted up to `most`. Null: it is not ready. */
export async function tasksAhead(
  session: TenantSession,
  id: number,
  most: number,
): Promise<number | null> {
  const [row] = await session.query<{ ahead: number | null }>(
    `SELECT (SELECT count(*) FROM (
       SELECT FROM task o
       WHERE o.tenant_id = $1 AND o.class = t.class AND o.lane = t.lane AND o.state = 'ready'
         AND o.run_after IS NULL
         AND (o.priority > t.priority OR (o.priority = t.priority AND o.id < t.id))
       LIMIT $3) AS first) AS ahead
     FROM task t WHERE t.tenant_id = $1 AND t.id = $2 AND t.state = 'ready' AND t.run_after IS NULL`,
    [session.tenant.id, id, most],
  )
  return row?.ahead ?? null
}

/** What whoever carries tasks out needs to know beside the claim. */
export interface TaskOrder {
  readonly taskId: number
  readonly payload: string
  readonly retry: RetryPolicy | null
  readonly idempotencyKey: string | null
  readonly deadlineAt: Date | null
}

export async function loadTaskOrders(
  session: TenantSession,
  ids: readonly number[],
): Promise<Map<number, TaskOrder>> {
  const rows = await session.query<TaskOrder>(
    `SELECT b.task_id AS "taskId", b.payload, b.retry, b.dedupe_key AS "idempotencyKey",
       t.deadline_at AS "deadlineAt"
     FROM background_task b JOIN task t ON t.tenant_id = b.tenant_id AND t.id = b.task_id
     WHERE b.tenant_id = $1 AND b.task_id = ANY ($2)`,
    [session.tenant.id, ids],
  )
  return new Map(rows.map((row) => [row.taskId, row]))
}
