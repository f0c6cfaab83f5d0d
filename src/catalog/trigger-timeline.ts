import type { FiringState } from '#catalog/trigger-firings.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { Trigger, TriggerKind } from '#catalog/triggers.ts'
import type { RunState } from '#model/run.ts'

/** Something that a trigger did at a time. */
export interface TriggerDot {
  readonly at: string
  /** Of a schedule what became of the due time, of a sensor `ran`: it started a run. */
  readonly state: FiringState
  readonly runId: string | null
  /** How the run is that it started; null: none, or it is gone. */
  readonly runState: RunState | null
}

export type TimedTrigger = Pick<
  Trigger,
  'id' | 'kind' | 'name' | 'definition' | 'pausedAt' | 'nextAt' | 'state'
> & {
  readonly problem: string | null
  /** Newest first. */
  readonly dots: readonly TriggerDot[]
}

/** Runs that are looked through for those of sensors; dots of one trigger. */
const RUNS_MOST = 1_000
const DOTS_MOST = 100

/** By kind and name; with what they did from a time on. */
export async function listTimedTriggers(
  session: TenantSession,
  ask: {
    readonly since: Date
    readonly after: { readonly kind: TriggerKind; readonly name: string } | null
    readonly limit: number
  },
): Promise<TimedTrigger[]> {
  return session.query<TimedTrigger>(
    `WITH shown AS (
       SELECT * FROM trigger
       WHERE tenant_id = $1 AND ($3::text IS NULL OR (kind, name) > ($3, $4))
       ORDER BY kind, name LIMIT $5
     ), lately AS (
       SELECT id, trigger_id, created_at FROM run WHERE tenant_id = $1 ORDER BY id DESC LIMIT $6
     )
     SELECT s.id, s.kind, s.name, s.definition, s.paused_at AS "pausedAt", s.next_at AS "nextAt",
       s.state, s.error ->> 'message' AS problem, d.dots
     FROM shown s
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('at', newest.at, 'state', newest.state,
         'runId', newest.run_id, 'runState', r.state) ORDER BY newest.at DESC), '[]') AS dots
       FROM (
         SELECT * FROM (
           (SELECT due_at AS at, CASE WHEN f.state = 'started' AND EXISTS (
                SELECT FROM task t WHERE t.tenant_id = $1 AND t.id = f.task_id
                  AND t.state IN ('failed', 'cancelled')) THEN 'failed' ELSE f.state END AS state,
              run_id
            FROM trigger_firing f
            WHERE f.tenant_id = $1 AND f.trigger_id = s.id AND f.due_at >= $2
            ORDER BY due_at DESC LIMIT $7)
           UNION ALL
           SELECT created_at, 'ran', id FROM lately
           WHERE trigger_id = s.id AND s.kind = 'sensor' AND created_at >= $2
         ) AS done ORDER BY at DESC LIMIT $7
       ) AS newest
       LEFT JOIN run r ON r.tenant_id = $1 AND r.id = newest.run_id
     ) AS d
     ORDER BY s.kind, s.name`,
    [
      session.tenant.id,
      ask.since,
      ask.after?.kind ?? null,
      ask.after?.name ?? null,
      ask.limit,
      RUNS_MOST,
      DOTS_MOST,
    ],
  )
}
