import type { TenantSession } from '#catalog/session.ts'
import type { Attempt } from '#catalog/attempts.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { TaskKind } from '#model/run.ts'

/** One try of one task of a run. Attempts of one `batch` ran together, in one slot. */
export interface TimelineAttempt {
  readonly task: number
  readonly ordinal: number
  readonly kind: TaskKind
  readonly dataset: string
  readonly partition: PartitionKey
  readonly number: number
  readonly worker: string
  /** Fencing number of the claim. */
  readonly batch: number
  readonly state: Attempt['state']
  /** Milliseconds since 1970. */
  readonly startedMs: number
  readonly endedMs: number | null
  /** What its own part of the batch took; null: not known, or not ended. */
  readonly workMs: number | null
  /** Of the task, once it has ended. */
  readonly rows: number | null
}

/** Where a page ended: place of a task in the plan. */
export interface TimelinePlace {
  readonly ordinal: number
  readonly task: number
}

type Row = [
  task: number,
  ordinal: number,
  kind: TaskKind,
  dataset: string,
  partition: PartitionKey,
  number: number,
  worker: string,
  batch: number,
  state: Attempt['state'],
  startedMs: number,
  endedMs: number | null,
  workMs: number | null,
  rows: number | null,
]

/**
 * Attempts of the next `limit` tasks of a run that began, in the order of its plan. They travel as one
 * text: 20,000 rows of their own take the embedded engine four times as long.
 */
export async function listTimeline(
  session: TenantSession,
  ask: {
    readonly runId: string
    readonly after: TimelinePlace | null
    readonly limit: number
  },
): Promise<TimelineAttempt[]> {
  const [found] = await session.query<{ rows: Row[] }>(
    `SELECT coalesce(json_agg(json_build_array(t.id, t.ordinal, t.kind, t.dataset, t.partition,
         a.number, a.worker, a.fence, a.state, extract(epoch FROM a.started_at) * 1000,
         extract(epoch FROM a.ended_at) * 1000, a.cost -> 'wallMs', t.rows)
         ORDER BY t.ordinal, t.id, a.number), '[]') AS rows
     FROM (
       SELECT * FROM task
       WHERE tenant_id = $1 AND run_id = $2 AND started_at IS NOT NULL
         AND ($3::int IS NULL OR (ordinal, id) > ($3, $4::bigint))
       ORDER BY ordinal, id LIMIT $5
     ) AS t
     JOIN attempt a ON a.tenant_id = $1 AND a.task_id = t.id`,
    [session.tenant.id, ask.runId, ask.after?.ordinal ?? null, ask.after?.task ?? null, ask.limit],
  )
  return (found?.rows ?? []).map(toAttempt)
}

function toAttempt(row: Row): TimelineAttempt {
  const [task, ordinal, kind, dataset, partition, number, worker, batch, state, ...rest] = row
  const [startedMs, endedMs, workMs, rows] = rest
  const times = { startedMs, endedMs, workMs, rows }
  return { task, ordinal, kind, dataset, partition, number, worker, batch, state, ...times }
}

/** What is known of a run as a whole, beside its row in lists. */
export interface RunMoment {
  /** The catalog's clock, by which attempts begin and end. */
  readonly now: Date
  /** Since when its logs, and its tasks with their attempts, are gone; null: they are kept. */
  readonly logsSweptAt: Date | null
  readonly tasksSweptAt: Date | null
}

/** Null when the tenant has no such run. */
export async function runMoment(session: TenantSession, runId: string): Promise<RunMoment | null> {
  const [row] = await session.query<RunMoment>(
    `SELECT millrace_now() AS now, logs_swept_at AS "logsSweptAt", tasks_swept_at AS "tasksSweptAt"
     FROM run WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, runId],
  )
  return row ?? null
}
