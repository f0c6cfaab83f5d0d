import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { TaskKind, TaskState } from '#model/run.ts'

export interface GatedTask {
  readonly task: number
  readonly kind: TaskKind
  readonly dataset: string
  readonly partition: PartitionKey
  readonly state: TaskState
  readonly createdAt: Date
  readonly startedAt: Date | null
  readonly endedAt: Date | null
}

/** What the end of a run hangs on, from its last task back. */
export interface RunGates {
  /** The task that runs longest by now, else the one that ended last; null: none has begun. */
  readonly last: number | null
  /** By task: of those that it waited for, the one that ended last. */
  readonly gateOf: ReadonlyMap<number, number>
}

/**
 * Reads all edges of a run once: a task's own inputs are not indexed, for nothing else asks for them.
 * Tasks that an `expand` task has planned have that one for a gate where they waited for nothing else.
 */
export async function runGates(session: TenantSession, runId: string): Promise<RunGates> {
  const key = [session.tenant.id, runId]
  const [last] = await session.query<{ id: number }>(
    `SELECT id FROM task WHERE tenant_id = $1 AND run_id = $2 AND started_at IS NOT NULL
     ORDER BY state = 'running' DESC, CASE state WHEN 'running' THEN started_at END,
       ended_at DESC NULLS LAST, id DESC LIMIT 1`,
    key,
  )
  const [found] = await session.query<{ tasks: number[]; gates: number[] }>(
    `SELECT coalesce(json_agg(task), '[]') AS tasks, coalesce(json_agg(gate), '[]') AS gates
     FROM (
       SELECT DISTINCT ON (e.downstream_id) e.downstream_id AS task, u.id AS gate
       FROM task u JOIN task_edge e ON e.tenant_id = $1 AND e.upstream_id = u.id
       WHERE u.tenant_id = $1 AND u.run_id = $2 AND u.ended_at IS NOT NULL
       ORDER BY e.downstream_id, u.ended_at DESC, u.id
     ) AS gated`,
    key,
  )
  const expanded = await session.query<{ task: number; gate: number }>(
    `SELECT t.id AS task, x.id AS gate
     FROM task x JOIN task t ON t.tenant_id = $1 AND t.run_id = $2
       AND t.ordinal > x.ordinal AND t.created_at BETWEEN x.started_at AND x.ended_at + interval '1 second'
     WHERE x.tenant_id = $1 AND x.run_id = $2 AND x.kind = 'expand' AND x.ended_at IS NOT NULL
     ORDER BY x.ended_at`,
    key,
  )
  const gateOf = new Map(expanded.map(({ task, gate }) => [task, gate]))
  for (const [index, task] of (found?.tasks ?? []).entries()) {
    gateOf.set(task, found?.gates[index] as number)
  }
  return { last: last?.id ?? null, gateOf }
}

/** In no order; unknown ones are left out. */
export async function gatedTasks(
  session: TenantSession,
  ids: readonly number[],
): Promise<GatedTask[]> {
  return session.query<GatedTask>(
    `SELECT id AS task, kind, dataset, partition, state, created_at AS "createdAt",
       started_at AS "startedAt", ended_at AS "endedAt"
     FROM task WHERE tenant_id = $1 AND id = ANY ($2)`,
    [session.tenant.id, ids],
  )
}
