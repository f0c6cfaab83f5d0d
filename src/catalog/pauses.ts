import type { SetBy } from '#catalog/limits.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

export const pauseScopes = ['all', 'tenant', 'dataset', 'run', 'backfill'] as const
export type PauseScope = (typeof pauseScopes)[number]

export interface PausedThing {
  readonly scope: PauseScope
  /** Empty for the scopes `all` and `tenant`. */
  readonly value: string
}

export interface Pause extends PausedThing {
  /** Null: for all tenants. */
  readonly tenant: string | null
  readonly reason: string
  readonly since: Date
  readonly byOperator: boolean
}

/**
 * Nothing of it is begun until it is resumed; what runs goes on. Pausing again changes the reason.
 * Throws `pause-of-operator` for a tenant where an operator has paused.
 */
export async function pauseQueue(
  session: TenantSession,
  pause: PausedThing & { readonly reason: string },
  by: SetBy,
): Promise<void> {
  await refuseOperators(session, pause, by)
  await session.query(
    `INSERT INTO queue_pause (tenant_id, scope, value, reason, by_operator)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (subject) DO UPDATE
     SET reason = excluded.reason, by_operator = excluded.by_operator`,
    [session.tenant.id, pause.scope, pause.value, pause.reason, by === 'operator'],
  )
}

/** False when it was not paused. Throws `pause-of-operator`. */
export async function resumeQueue(
  session: TenantSession,
  paused: PausedThing,
  by: SetBy,
): Promise<boolean> {
  await refuseOperators(session, paused, by)
  const gone = await session.query(
    `DELETE FROM queue_pause WHERE subject = queue_subject($1, $2, $3) RETURNING scope`,
    [session.tenant.id, paused.scope, paused.value],
  )
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
  return gone.length > 0
}

/** For all tenants: everything, or a dataset (or name of tasks), or a backfill of theirs. */
export async function pauseEverywhere(
  session: SystemSession,
  pause: PausedThing & { readonly reason: string },
): Promise<void> {
  await session.query('SELECT pause_everywhere($1, $2, $3)', [
    pause.scope,
    pause.value,
    pause.reason,
  ])
}

export async function resumeEverywhere(
  session: SystemSession,
  paused: PausedThing,
): Promise<boolean> {
  const [row] = await session.query<{ gone: boolean }>('SELECT resume_everywhere($1, $2) AS gone', [
    paused.scope,
    paused.value,
  ])
  return row?.gone ?? false
}

/** What is paused for a tenant; all there is without one. */
export async function listPauses(
  session: SystemSession,
  tenantId: number | null,
): Promise<Pause[]> {
  return session.query<Pause>(
    `SELECT tenant, scope, value, reason, since, by_operator AS "byOperator" FROM pause_list($1)`,
    [tenantId],
  )
}

async function refuseOperators(
  session: TenantSession,
  { scope, value }: PausedThing,
  by: SetBy,
): Promise<void> {
  if (by === 'operator') return
  const [set] = await session.query<{ reason: string }>(
    `SELECT reason FROM queue_pause WHERE subject = queue_subject($1, $2, $3) AND by_operator`,
    [session.tenant.id, scope, value],
  )
  const subject = value === '' ? `tenant "${session.tenant.slug}"` : `${scope} "${value}"`
  if (set) throw new MillraceError('pause-of-operator', { subject, reason: set.reason })
}
