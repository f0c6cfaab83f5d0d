import { tellEvent } from '#catalog/events.ts'
import { toJson } from '#catalog/json.ts'
import {
  edgesOf,
  insertEdges,
  skipDoomed,
  stillOpen,
  waitingCounts,
  type TaskAfter,
} from '#catalog/task-edges.ts'
import { getRun } from '#catalog/runs.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanSummary } from '#model/plan.ts'
import type { Run, TaskClass, TaskKind } from '#model/run.ts'

export interface NewTask extends TaskAfter {
  readonly kind: TaskKind
  readonly dataset: string
  readonly partition: PartitionKey
  readonly conditional: boolean
  readonly forced: boolean
  readonly reason: string
  /** Higher first; default 0. */
  readonly priority?: number | undefined
  /** Largest batch that it may be claimed in; default 256. */
  readonly batchMax?: number | undefined
  /** Attempts before it fails for good; default 3. */
  readonly maxAttempts?: number | undefined
  /** Only workers that have them all may claim it; default none. */
  readonly tags?: readonly string[] | undefined
  /** Longest attempt; default: as long as its lease is renewed. */
  readonly timeoutMs?: number | undefined
}

export interface NewRun {
  readonly id: string
  readonly cause: string
  readonly title: string
  readonly plan: PlanSummary
  /** Default `normal`. */
  readonly class?: TaskClass | undefined
  /** Steered together with other runs of the same backfill. */
  readonly backfillId?: string | undefined
  /** Hash of the deployed code that its plan was made with. */
  readonly codeHash?: string | undefined
  /** The schedule or sensor that started it. */
  readonly triggerId?: string | undefined
}

/** Rows of one statement: the embedded engine blocks the event loop while it runs. */
const CHUNK = 10_000
/** From so many tasks on the planner is told of them. */
const MANY = 500

/**
 * A run with its tasks, in the queue when the transaction commits. Returns the tasks' ids, parallel
 * to the list. A run without tasks is done at once.
 */
export async function createRun(
  session: TenantSession,
  run: NewRun,
  tasks: readonly NewTask[],
): Promise<{ run: Run; taskIds: number[] }> {
  await session.query(
    `INSERT INTO run (tenant_id, id, cause, title, plan, open, state, ended_at, class, backfill_id,
       code_hash, trigger_id)
     VALUES ($1, $2, $3, $4, $5, 0, $6, CASE $6 WHEN 'done' THEN millrace_now() END, $7, $8, $9, $10)`,
    [
      session.tenant.id,
      run.id,
      run.cause,
      run.title,
      toJson(run.plan),
      tasks.length === 0 ? 'done' : 'running',
      run.class ?? 'normal',
      run.backfillId ?? null,
      run.codeHash ?? null,
      run.triggerId ?? null,
    ],
  )
  await tellEvent(session, 'run.started', { run: run.id })
  if (tasks.length === 0) await tellEvent(session, 'run.finished', { run: run.id })
  const taskIds = await enqueue(session, run.id, run.class ?? 'normal', tasks)
  return { run: (await getRun(session, run.id)) as Run, taskIds }
}

/**
 * More tasks for a running run (from an `expand`, before it ends). Returns their ids; none when the
 * run is being cancelled. Throws `run-unknown`, `run-ended`.
 */
export async function addTasks(
  session: TenantSession,
  runId: string,
  tasks: readonly NewTask[],
): Promise<number[]> {
  const [run] = await session.query<{
    state: Run['state']
    cancelling: boolean
    class: TaskClass
  }>(
    `SELECT state, cancel_requested_at IS NOT NULL AS cancelling, class
     FROM run WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    [session.tenant.id, runId],
  )
  if (!run) throw new MillraceError('run-unknown', { run: runId })
  if (run.state !== 'running')
    throw new MillraceError('run-ended', { run: runId, state: run.state })
  return run.cancelling ? [] : enqueue(session, runId, run.class, tasks)
}

async function enqueue(
  session: TenantSession,
  runId: string,
  taskClass: TaskClass,
  tasks: readonly NewTask[],
): Promise<number[]> {
  if (tasks.length === 0) return []
  const ids = await takeIds(session, tasks.length)
  const edges = edgesOf(tasks, ids)
  const upstream = await stillOpen(session, runId, edges)
  const waiting = waitingCounts(ids, edges, upstream)
  const ranks = await rankDatasets(session, runId, tasks, waiting)
  const first = await nextOrdinal(session, runId)
  for (let from = 0; from < tasks.length; from += CHUNK) {
    await insertTasks(session, runId, taskClass, {
      tasks: tasks.slice(from, from + CHUNK),
      ids: ids.slice(from, from + CHUNK),
      waiting: waiting.slice(from, from + CHUNK),
      ranks,
      firstOrdinal: first + from,
    })
  }
  await insertEdges(session, edges, upstream)
  await session.query('UPDATE run SET open = open + $3 WHERE tenant_id = $1 AND id = $2', [
    session.tenant.id,
    runId,
    tasks.length,
  ])
  await skipDoomed(session, runId, edges, upstream)
  if (tasks.length >= MANY) await session.query('SELECT tasks_analyze()')
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
  return ids
}

async function takeIds(session: TenantSession, count: number): Promise<number[]> {
  const [row] = await session.query<{ ids: number[] }>(
    `SELECT json_agg(id) AS ids FROM (SELECT nextval('task_id') AS id FROM generate_series(1, $1)) AS i`,
    [count],
  )
  return row?.ids ?? []
}

/** Counts the tasks in by dataset; a dataset that the run has already keeps its place. */
async function rankDatasets(
  session: TenantSession,
  runId: string,
  tasks: readonly NewTask[],
  waiting: readonly number[],
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, { total: number; released: number }>()
  for (const [index, { dataset }] of tasks.entries()) {
    const count = counts.get(dataset) ?? { total: 0, released: 0 }
    counts.set(dataset, count)
    count.total += 1
    if (waiting[index] === 0) count.released += 1
  }
  const rows = await session.query<{ dataset: string; rank: number }>(
    `INSERT INTO run_dataset AS d (tenant_id, run_id, dataset, rank, total, released)
     SELECT $1, $2, n.dataset,
       n.place + (SELECT coalesce(max(rank), 0) FROM run_dataset WHERE tenant_id = $1 AND run_id = $2),
       n.total, n.released
     FROM unnest($3::text[], $4::int[], $5::int[]) WITH ORDINALITY AS n (dataset, total, released, place)
     ON CONFLICT (tenant_id, run_id, dataset) DO UPDATE
     SET total = d.total + excluded.total, released = d.released + excluded.released
     RETURNING dataset, rank`,
    [
      session.tenant.id,
      runId,
      [...counts.keys()],
      [...counts.values()].map(({ total }) => total),
      [...counts.values()].map(({ released }) => released),
    ],
  )
  return new Map(rows.map(({ dataset, rank }) => [dataset, rank]))
}

async function nextOrdinal(session: TenantSession, runId: string): Promise<number> {
  const [row] = await session.query<{ next: number }>(
    `SELECT coalesce(max(ordinal) + 1, 0) AS next FROM task WHERE tenant_id = $1 AND run_id = $2`,
    [session.tenant.id, runId],
  )
  return row?.next ?? 0
}

interface Chunk {
  readonly tasks: readonly NewTask[]
  readonly ids: readonly number[]
  readonly waiting: readonly number[]
  readonly ranks: ReadonlyMap<string, number>
  readonly firstOrdinal: number
}

async function insertTasks(
  session: TenantSession,
  runId: string,
  taskClass: TaskClass,
  chunk: Chunk,
): Promise<void> {
  const { tasks } = chunk
  // Most tasks share the same few sets of these; they travel once each.
  const kinds = new Map<string, number>()
  const kindOf = tasks.map((task) => {
    const text = toJson({
      kind: task.kind,
      dataset: task.dataset,
      rank: chunk.ranks.get(task.dataset),
      conditional: task.conditional,
      forced: task.forced,
      priority: task.priority ?? 0,
      batchMax: task.batchMax ?? 256,
      maxAttempts: task.maxAttempts ?? 3,
      tags: [...new Set(task.tags)].sort(),
      timeoutMs: task.timeoutMs,
      reason: task.reason,
    })
    const place = kinds.get(text) ?? kinds.size
    kinds.set(text, place)
    return place
  })
  await session.query(
    `INSERT INTO task (tenant_id, id, run_id, rank, ordinal, kind, priority, dataset, partition,
       conditional, forced, reason, batch_max, max_attempts, tags, timeout_ms, class, state, waiting)
     SELECT $1, t.id, $2, k.rank, $3 + t.place - 1, k.kind, k.priority, k.dataset, t.partition,
       k.conditional, k.forced, k.reason, k."batchMax", k."maxAttempts",
       k.tags, k."timeoutMs", $9,
       CASE t.waiting WHEN 0 THEN 'ready' ELSE 'waiting' END, t.waiting
     FROM unnest($4::bigint[], $5::text[], $6::int[], $7::int[])
       WITH ORDINALITY AS t (id, partition, waiting, shared, place)
     JOIN (
       SELECT s.place - 1 AS place, r.*
       FROM jsonb_array_elements($8) WITH ORDINALITY AS s (value, place)
       CROSS JOIN jsonb_to_record(s.value) AS r (kind text, dataset text, rank int,
         conditional boolean, forced boolean, priority int, "batchMax" int, "maxAttempts" int,
         reason text, tags text[], "timeoutMs" double precision)
     ) AS k ON k.place = t.shared`,
    [
      session.tenant.id,
      runId,
      chunk.firstOrdinal,
      chunk.ids,
      tasks.map(({ partition }) => partition),
      chunk.waiting,
      kindOf,
      `[${[...kinds.keys()].join(',')}]`,
      taskClass,
    ],
  )
}
