import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'

export interface LogLine {
  readonly taskId: number
  readonly attempt: number
  readonly at: Date
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
}

export async function appendLogs(session: TenantSession, lines: readonly LogLine[]): Promise<void> {
  if (lines.length === 0) return
  await session.query(
    `INSERT INTO task_log (tenant_id, task_id, attempt, at, level, message)
     SELECT $1, l."taskId", l.attempt, l.at, l.level, l.message
     FROM jsonb_array_elements($2) WITH ORDINALITY AS line (value, place)
     CROSS JOIN jsonb_to_record(line.value)
       AS l ("taskId" bigint, attempt int, at timestamptz, level text, message text)
     ORDER BY line.place`,
    [session.tenant.id, toJson(lines)],
  )
}

/** In the order of writing; the last `limit` lines. */
export async function readLogs(
  session: TenantSession,
  taskId: number,
  options: { readonly limit: number },
): Promise<LogLine[]> {
  const lines = await session.query<LogLine>(
    `SELECT task_id AS "taskId", attempt, at, level, message FROM task_log
     WHERE tenant_id = $1 AND task_id = $2 ORDER BY id DESC LIMIT $3`,
    [session.tenant.id, taskId, options.limit],
  )
  return lines.toReversed()
}
