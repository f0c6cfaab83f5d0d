import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'

/** Failed background tasks of one name that failed alike: messages that differ in numbers only are one. */
export interface DeadLetterGroup {
  readonly name: string
  /** Of the error; null: it left none. */
  readonly code: string | null
  /** What the newest of them says, and its number. */
  readonly message: string | null
  readonly task: number
  readonly tasks: number
  readonly oldestAt: Date
  readonly newestAt: Date
}

export interface DeadLetterGroups {
  readonly groups: readonly DeadLetterGroup[]
  /** That were looked at, newest first; as many as asked for: there may be more. */
  readonly tasks: number
}

const GROUPS_MOST = 500

/** Most tasks first. */
export async function deadLetterGroups(
  session: TenantSession,
  most: number,
): Promise<DeadLetterGroups> {
  const rows = await session.query<
    Omit<DeadLetterGroup, 'message'> & { error: StoredError | null }
  >(
    `SELECT dataset AS name, error ->> 'code' AS code, max(id) AS task, count(*)::int AS tasks,
       (array_agg(error ORDER BY id DESC))[1] AS error,
       min(ended_at) AS "oldestAt", max(ended_at) AS "newestAt"
     FROM (
       SELECT id, dataset, error, ended_at FROM task
       WHERE tenant_id = $1 AND run_id = '' AND state = 'failed' AND kind = 'background'
       ORDER BY id DESC LIMIT $2
     ) AS dead
     GROUP BY 1, 2, left(regexp_replace(error ->> 'message', '[0-9]+', '#', 'g'), 300)
     ORDER BY count(*) DESC, 1, 2 LIMIT $3`,
    [session.tenant.id, most, GROUPS_MOST],
  )
  const groups = rows.map(({ error, ...group }) => ({
    ...group,
    message: readError(error)?.message ?? null,
  }))
  return { groups, tasks: groups.reduce((sum, { tasks }) => sum + tasks, 0) }
}
