import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Run, TaskState } from '#model/run.ts'
import type { TaskFailure } from '#model/run-view.ts'

export interface DatasetCounts {
  readonly dataset: string
  readonly counts: Readonly<Record<TaskState, number>>
  /** Rows published by this run. */
  readonly rows: number
  /** Sum of the ended tasks' wall times. */
  readonly wallMs: number
}

export interface RunningTask {
  readonly taskId: number
  readonly dataset: string
  readonly partition: PartitionKey
  readonly worker: string
  readonly startedAt: Date
}

export interface RunProgress {
  readonly run: Run
  /** True once somebody asked for its end. */
  readonly cancelling: boolean
  /** Inputs first. */
  readonly datasets: readonly DatasetCounts[]
  /** At most 100. */
  readonly running: readonly RunningTask[]
  /** The first 100 that failed, were held or skipped, in the order of the plan. */
  readonly failures: readonly TaskFailure[]
}

interface ProgressRow {
  readonly run: Run & { readonly cancelling: boolean }
  readonly datasets: readonly CountRow[]
  readonly running: readonly RunningTask[]
  readonly failures: readonly (TaskFailure & { readonly error: StoredError | null })[]
}

type CountRow = Omit<DatasetCounts, 'counts'> &
  Record<'total' | 'released' | 'cancelledWaiting', number> &
  Record<Exclude<TaskState, 'waiting' | 'ready'>, number>

/**
 * Reads the counts that are kept as tasks end and the few tasks that run: cheap enough to be asked
 * ten times a second, whatever the run's size. Throws `run-unknown`.
 */
export async function runProgress(session: TenantSession, runId: string): Promise<RunProgress> {
  const [row] = await session.query<ProgressRow>(
    `WITH running AS MATERIALIZED (
       SELECT t.* FROM task t
       WHERE t.tenant_id = $1 AND t.state = 'running' AND t.run_id = $2
     ), troubled AS (
       SELECT EXISTS (SELECT FROM run_dataset
         WHERE tenant_id = $1 AND run_id = $2 AND failed + held + skipped > 0) AS found
     )
     SELECT to_json(r) AS run, d.datasets, t.running, f.failures
     FROM (
       SELECT id, state, cause, title, created_at AS "createdAt", ended_at AS "endedAt",
         undone_at AS "undoneAt", plan, cancel_requested_at IS NOT NULL AS cancelling
       FROM run WHERE tenant_id = $1 AND id = $2
     ) AS r
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('dataset', d.dataset, 'rows', d.rows,
         'wallMs', d.wall_ms, 'total', d.total, 'released', d.released, 'done', d.done,
         'unchanged', d.unchanged, 'held', d.held, 'failed', d.failed, 'skipped', d.skipped,
         'cancelled', d.cancelled, 'cancelledWaiting', d.cancelled_waiting,
         'running', (SELECT count(*) FROM running WHERE running.dataset = d.dataset))
         ORDER BY d.rank), '[]') AS datasets
       FROM run_dataset d WHERE d.tenant_id = $1 AND d.run_id = $2
     ) AS d
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('taskId', id, 'dataset', dataset,
         'partition', partition, 'worker', lease_owner, 'startedAt', started_at)
         ORDER BY ordinal), '[]') AS running
       FROM (SELECT * FROM running ORDER BY ordinal LIMIT 100) AS first
     ) AS t
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('taskId', id, 'dataset', dataset,
         'partition', partition, 'state', state, 'error', error) ORDER BY ordinal), '[]') AS failures
       FROM (
         SELECT * FROM task
         WHERE tenant_id = $1 AND run_id = $2 AND (SELECT found FROM troubled)
           AND state IN ('failed', 'held', 'skipped')
         ORDER BY ordinal LIMIT 100
       ) AS first
     ) AS f`,
    [session.tenant.id, runId],
  )
  if (!row) throw new MillraceError('run-unknown', { run: runId })
  const { cancelling, ...run } = row.run
  return {
    run: {
      ...run,
      createdAt: new Date(run.createdAt),
      endedAt: dateOrNull(run.endedAt),
      undoneAt: dateOrNull(run.undoneAt),
    },
    cancelling,
    datasets: row.datasets.map(toCounts),
    running: row.running.map((task) => ({ ...task, startedAt: new Date(task.startedAt) })),
    failures: row.failures.map((failure) => ({ ...failure, error: readError(failure.error) })),
  }
}

/** JSON carries a time as text. */
function dateOrNull(time: Date | null): Date | null {
  return time === null ? null : new Date(time)
}

function toCounts(row: CountRow): DatasetCounts {
  const { done, unchanged, held, failed, skipped, cancelled, running } = row
  const endedReleased = done + unchanged + held + failed + cancelled - row.cancelledWaiting
  const counts = {
    waiting: row.total - row.released - skipped - row.cancelledWaiting,
    ready: row.released - endedReleased - running,
    running,
    done,
    unchanged,
    held,
    failed,
    skipped,
    cancelled,
  }
  return { dataset: row.dataset, counts, rows: row.rows, wallMs: row.wallMs }
}
