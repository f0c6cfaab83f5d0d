import type { LogLine } from '#catalog/logs.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface RunLogLine extends LogLine {
  readonly id: number
  readonly dataset: string
  readonly partition: PartitionKey
}

/** Where a page ended. */
export interface LogPlace {
  readonly at: Date
  readonly id: number
}

export interface RunLogFilter {
  readonly runId: string
  readonly from: Date | null
  readonly until: Date | null
  readonly levels: readonly LogLine['level'][] | null
  /** Part of the message, in any case. */
  readonly text: string | null
  readonly dataset: string | null
  readonly after: LogPlace | null
  readonly limit: number
}

/** Clocks of workers and of the catalog may differ by so much. */
const CLOCKS_APART = `interval '10 minutes'`

/** Lines of all tasks of a run, by time; lines of the tenant's other runs meanwhile are passed over. */
export async function listRunLogs(
  session: TenantSession,
  filter: RunLogFilter,
): Promise<RunLogLine[]> {
  return session.query<RunLogLine>(
    `SELECT l.id, l.task_id AS "taskId", t.dataset, t.partition, l.attempt, l.at, l.level, l.message
     FROM run r
     CROSS JOIN LATERAL (
       SELECT * FROM task_log
       WHERE tenant_id = $1 AND at >= greatest(r.created_at - ${CLOCKS_APART}, $3::timestamptz)
         AND at <= least(coalesce(r.ended_at, 'infinity') + ${CLOCKS_APART}, $4::timestamptz)
         AND ($5::text[] IS NULL OR level = ANY ($5))
         AND ($6::text IS NULL OR strpos(lower(message), lower($6)) > 0)
         AND ($8::timestamptz IS NULL OR (at, id) > ($8, $9::bigint))
     ) AS l
     JOIN task t ON t.tenant_id = $1 AND t.id = l.task_id AND t.run_id = $2
       AND ($7::text IS NULL OR t.dataset = $7)
     WHERE r.tenant_id = $1 AND r.id = $2
     ORDER BY l.at, l.id LIMIT $10`,
    [
      session.tenant.id,
      filter.runId,
      filter.from,
      filter.until,
      filter.levels,
      filter.text,
      filter.dataset,
      filter.after?.at ?? null,
      filter.after?.id ?? null,
      filter.limit,
    ],
  )
}
