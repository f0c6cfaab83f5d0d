import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What one dataset came to in one run; sums over its tasks. */
export interface RunDatasetCost {
  readonly dataset: string
  readonly tasks: number
  readonly done: number
  readonly unchanged: number
  readonly failed: number
  readonly rows: number
  readonly wallMs: number
  /** Of attempts whose cost was measured; null: of none, or they are swept. */
  readonly cpuMs: number | null
  readonly readBytes: number | null
  readonly writtenBytes: number | null
  readonly peakMemoryBytes: number | null
  /** From its first attempt's begin to its last one's end. */
  readonly spanMs: number | null
}

/** Inputs first. */
export async function runCosts(session: TenantSession, runId: string): Promise<RunDatasetCost[]> {
  return session.query<RunDatasetCost>(
    `SELECT d.dataset, d.total AS tasks, d.done, d.unchanged, d.failed, d.rows,
       d.wall_ms AS "wallMs", c."cpuMs", c."readBytes", c."writtenBytes", c."peakMemoryBytes",
       c."spanMs"
     FROM run_dataset d
     LEFT JOIN (
       SELECT t.dataset, sum((a.cost ->> 'cpuMs')::double precision) AS "cpuMs",
         sum((a.cost ->> 'readBytes')::double precision) AS "readBytes",
         sum((a.cost ->> 'writtenBytes')::double precision) AS "writtenBytes",
         max((a.cost ->> 'peakMemoryBytes')::double precision) AS "peakMemoryBytes",
         extract(epoch FROM max(a.ended_at) - min(a.started_at))::double precision * 1000 AS "spanMs"
       FROM task t JOIN attempt a ON a.tenant_id = $1 AND a.task_id = t.id
       WHERE t.tenant_id = $1 AND t.run_id = $2
       GROUP BY t.dataset
     ) AS c ON c.dataset = d.dataset
     WHERE d.tenant_id = $1 AND d.run_id = $2
     ORDER BY d.rank`,
    [session.tenant.id, runId],
  )
}

/** Runs that are looked through for the one before. */
const LOOKED_THROUGH = 1_000

/**
 * The newest run before it that ended well and did the same thing: started by the same trigger, or
 * under the same title. Null: there is none among the 1,000 before.
 */
export async function runBefore(session: TenantSession, runId: string): Promise<string | null> {
  const [row] = await session.query<{ id: string }>(
    `SELECT older.id FROM run r
     CROSS JOIN LATERAL (
       SELECT id, title, trigger_id, state FROM run
       WHERE tenant_id = $1 AND id < r.id ORDER BY id DESC LIMIT $3
     ) AS older
     WHERE r.tenant_id = $1 AND r.id = $2 AND older.state IN ('done', 'failed')
       AND (older.title = r.title OR older.trigger_id = r.trigger_id)
     ORDER BY older.state = 'done' DESC, older.id DESC LIMIT 1`,
    [session.tenant.id, runId, LOOKED_THROUGH],
  )
  return row?.id ?? null
}

/** A partition that both runs computed. */
export interface ComparedPartition {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly task: number
  readonly workMs: number
  readonly beforeMs: number
  readonly rows: number | null
  readonly beforeRows: number | null
}

/** Those whose own work took the most longer than before, worst first. */
export async function slowerPartitions(
  session: TenantSession,
  runs: { readonly runId: string; readonly beforeId: string; readonly limit: number },
): Promise<ComparedPartition[]> {
  return session.query<ComparedPartition>(
    `WITH worked AS (
       SELECT t.run_id, t.id, t.dataset, t.partition, t.rows,
         sum((a.cost ->> 'wallMs')::double precision) AS ms
       FROM task t JOIN attempt a ON a.tenant_id = $1 AND a.task_id = t.id AND a.cost IS NOT NULL
       WHERE t.tenant_id = $1 AND t.run_id IN ($2, $3) AND t.kind = 'build'
       GROUP BY t.run_id, t.id, t.dataset, t.partition, t.rows
     )
     SELECT now.dataset, now.partition, now.id AS task, now.ms AS "workMs", before.ms AS "beforeMs",
       now.rows, before.rows AS "beforeRows"
     FROM worked now JOIN worked before
       ON before.run_id = $3 AND before.dataset = now.dataset AND before.partition = now.partition
     WHERE now.run_id = $2 AND now.ms > before.ms
     ORDER BY now.ms - before.ms DESC LIMIT $4`,
    [session.tenant.id, runs.runId, runs.beforeId, runs.limit],
  )
}
