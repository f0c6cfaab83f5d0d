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
  readonly startedAt: Date
  readonly endedAt: Date | null
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

/** Attempts of the next `limit` tasks of a run that began, in the order of its plan. */
export async function listTimeline(
  session: TenantSession,
  ask: {
    readonly runId: string
    readonly after: TimelinePlace | null
    readonly limit: number
  },
): Promise<TimelineAttempt[]> {
  return session.query<TimelineAttempt>(
    `SELECT t.id AS task, t.ordinal, t.kind, t.dataset, t.partition, a.number, a.worker,
       a.fence AS batch, a.state, a.started_at AS "startedAt", a.ended_at AS "endedAt",
       (a.cost ->> 'wallMs')::double precision AS "workMs", t.rows
     FROM (
       SELECT * FROM task
       WHERE tenant_id = $1 AND run_id = $2 AND started_at IS NOT NULL
         AND ($3::int IS NULL OR (ordinal, id) > ($3, $4::bigint))
       ORDER BY ordinal, id LIMIT $5
     ) AS t
     JOIN attempt a ON a.tenant_id = $1 AND a.task_id = t.id
     ORDER BY t.ordinal, t.id, a.number`,
    [session.tenant.id, ask.runId, ask.after?.ordinal ?? null, ask.after?.task ?? null, ask.limit],
  )
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
