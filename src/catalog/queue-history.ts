import type { TenantSession } from '#catalog/session.ts'
import type { TaskHandler } from '#model/run.ts'

/** How many tasks of a name came to be, began and ended within a span; sums over tasks. */
export interface QueueChange {
  /** Dataset, or name of background tasks. */
  readonly name: string
  readonly handler: TaskHandler
  /** From 0; −1: before the first span. */
  readonly span: number
  readonly waiting: number
  readonly running: number
}

export interface QueueChanges {
  readonly now: Date
  /** Begin of span 0: later than asked where there are too many tasks to look at. */
  readonly from: Date
  readonly changes: readonly QueueChange[]
}

/** Tasks that are looked at, newest first. */
const TASKS_MOST = 20_000

/** By how much the tenant's tasks that have not begun, and those that run, became more or fewer. */
export async function queueChanges(
  session: TenantSession,
  ask: { readonly withinMs: number; readonly spans: number },
): Promise<QueueChanges> {
  const [row] = await session.query<{
    now: Date
    from: Date
    changes: [string, TaskHandler, number, number, number][]
  }>(
    `WITH newest AS MATERIALIZED (
       -- One that was given back, or waits for another attempt, waits as if none had begun it.
       SELECT id, dataset, handler, created_at, ended_at,
         CASE WHEN state NOT IN ('ready', 'waiting') THEN started_at END AS started_at
       FROM task
       WHERE tenant_id = $1 ORDER BY id DESC LIMIT $4
     ), bounds AS MATERIALIZED (
       SELECT now, greatest(now - $2 * interval '1 millisecond',
         CASE WHEN (SELECT count(*) FROM newest) = $4
           THEN (SELECT min(created_at) FROM newest) END) AS begin
       FROM (SELECT millrace_now() AS now) AS clock
     ), moved AS (
       SELECT dataset, handler, created_at AS at, 1 AS waiting, 0 AS running FROM newest
       UNION ALL
       SELECT dataset, handler, coalesce(started_at, ended_at), -1,
         CASE WHEN started_at IS NULL THEN 0 ELSE 1 END
       FROM newest WHERE started_at IS NOT NULL OR ended_at IS NOT NULL
       UNION ALL
       SELECT dataset, handler, ended_at, 0, -1
       FROM newest WHERE started_at IS NOT NULL AND ended_at IS NOT NULL
     ), counted AS (
       SELECT m.dataset, m.handler, greatest(-1, least($3 - 1, floor(
           extract(epoch FROM m.at - b.begin) / extract(epoch FROM b.now - b.begin) * $3)))::int AS span,
         sum(m.waiting)::int AS waiting, sum(m.running)::int AS running
       FROM moved m CROSS JOIN bounds b
       GROUP BY 1, 2, 3
     )
     SELECT b.now, b.begin AS "from",
       coalesce((SELECT json_agg(json_build_array(dataset, handler, span, waiting, running))
         FROM counted WHERE waiting <> 0 OR running <> 0), '[]') AS changes
     FROM bounds b`,
    [session.tenant.id, ask.withinMs, ask.spans, TASKS_MOST],
  )
  return {
    now: row?.now as Date,
    from: row?.from as Date,
    changes: (row?.changes ?? []).map(([name, handler, span, waiting, running]) => ({
      name,
      handler,
      span,
      waiting,
      running,
    })),
  }
}

/** Tasks of a tenant that wait for the same thing, as far as the queue tells them apart. */
export interface WaitingGroup {
  readonly name: string
  readonly handler: TaskHandler
  /** Null: they belong to no run. */
  readonly runId: string | null
  readonly class: 'normal' | 'backfill'
  /** `inputs`: for tasks of their run. `delayed`: for their time. `key`: for their concurrency key. */
  readonly state: 'inputs' | 'delayed' | 'key' | 'ready'
  readonly tasks: number
  readonly oldestAt: Date
  /** The one that comes first. */
  readonly first: number
}

/** Those that wait the longest first. */
export async function waitingGroups(
  session: TenantSession,
  limit: number,
): Promise<WaitingGroup[]> {
  return session.query<WaitingGroup>(
    `SELECT dataset AS name, handler, nullif(run_id, '') AS "runId", class,
       CASE WHEN state = 'waiting' THEN 'inputs' WHEN run_after IS NOT NULL THEN 'delayed'
         WHEN parked THEN 'key' ELSE 'ready' END AS state,
       count(*)::int AS tasks, min(created_at) AS "oldestAt",
       (array_agg(id ORDER BY priority DESC, run_after, id))[1] AS first
     FROM task WHERE tenant_id = $1 AND state IN ('ready', 'waiting')
     GROUP BY 1, 2, 3, 4, 5
     ORDER BY min(created_at), 1 LIMIT $2`,
    [session.tenant.id, limit],
  )
}
