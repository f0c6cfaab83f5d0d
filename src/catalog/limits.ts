import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

/** `dataset`: a dataset, or the name of background tasks. */
export const limitScopes = ['tenant', 'dataset', 'tag', 'run', 'backfill'] as const
export type LimitScope = (typeof limitScopes)[number]

export interface LimitSetting {
  readonly scope: LimitScope
  /** Empty for the scope `tenant`. */
  readonly value: string
  /** Batches of builds, or background tasks, that run at the same time; 0: none. */
  readonly runningMax?: number | null | undefined
  /** Tasks that start within any `ms`. */
  readonly rate?: { readonly max: number; readonly ms: number } | null | undefined
}

export interface Limit extends LimitSetting {
  /** Null: over all tenants together. */
  readonly tenant: string | null
  readonly runningMax: number | null
  readonly rate: { readonly max: number; readonly ms: number } | null
  readonly byOperator: boolean
  /** What runs under it now; 0 when no limit at all is on running ones. */
  readonly running: number
  /** Starts that its rate allows now; null without a rate. */
  readonly startsLeft: number | null
  /** When the next start is allowed, if none is now. */
  readonly startsAt: Date | null
}

export type SetBy = 'tenant' | 'operator'

/**
 * Replaces the tenant's limit of that scope and value. Throws `limit-of-operator` for a tenant where
 * an operator has set one, `limit-invalid`.
 */
export async function setLimit(
  session: TenantSession,
  setting: LimitSetting,
  by: SetBy,
): Promise<void> {
  const { id } = session.tenant
  await refuseOperators(session, setting.scope, setting.value, by)
  await session.query(
    `INSERT INTO queue_limit (tenant_id, scope, value, running_max, rate_max, rate_ms, by_operator)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (subject) DO UPDATE SET running_max = excluded.running_max,
       rate_max = excluded.rate_max, rate_ms = excluded.rate_ms, by_operator = excluded.by_operator`,
    [id, ...columnsOf(setting), by === 'operator'],
  )
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
}

/** False when there was none. Throws `limit-of-operator`. */
export async function removeLimit(
  session: TenantSession,
  scope: LimitScope,
  value: string,
  by: SetBy,
): Promise<boolean> {
  await refuseOperators(session, scope, value, by)
  const gone = await session.query(
    `DELETE FROM queue_limit WHERE subject = queue_subject($1, $2, $3) RETURNING id`,
    [session.tenant.id, scope, value],
  )
  await session.query(`SELECT pg_notify('millrace_ready', '')`)
  return gone.length > 0
}

/** A limit over all tenants together. Throws `limit-invalid`. */
export async function setGlobalLimit(session: SystemSession, setting: LimitSetting): Promise<void> {
  if (setting.scope === 'tenant') {
    throw new MillraceError('limit-invalid', {
      message: 'a limit of the scope "tenant" belongs to one tenant',
    })
  }
  await session.query('SELECT limit_set_everywhere($1, $2, $3, $4, $5)', columnsOf(setting))
}

export async function removeGlobalLimit(
  session: SystemSession,
  scope: LimitScope,
  value: string,
): Promise<boolean> {
  const [row] = await session.query<{ gone: boolean }>(
    'SELECT limit_remove_everywhere($1, $2) AS gone',
    [scope, value],
  )
  return row?.gone ?? false
}

/** The tenant's limits and those over all tenants; all there are without a tenant. */
export async function listLimits(
  session: SystemSession,
  tenantId: number | null,
): Promise<Limit[]> {
  const rows = await session.query<
    Omit<Limit, 'rate'> & { readonly rateMax: number | null; readonly rateMs: number | null }
  >(
    `SELECT tenant, scope, value, running_max AS "runningMax", rate_max AS "rateMax",
       rate_ms AS "rateMs", by_operator AS "byOperator", running, starts_left AS "startsLeft",
       starts_at AS "startsAt"
     FROM limit_list($1)`,
    [tenantId],
  )
  return rows.map(({ rateMax, rateMs, ...row }) => ({
    ...row,
    rate: rateMax === null || rateMs === null ? null : { max: rateMax, ms: rateMs },
  }))
}

/** A tenant's share of the slots while others want them, too; tenants begin with 100. */
export async function setWeight(
  session: SystemSession,
  tenantId: number,
  weight: number,
): Promise<void> {
  if (!Number.isInteger(weight) || weight < 1 || weight > 1_000_000) {
    throw new MillraceError('limit-invalid', {
      message: `a weight is a whole number from 1 to 1000000, not ${weight}`,
    })
  }
  await session.query('SELECT tenant_set_weight($1, $2)', [tenantId, weight])
}

function columnsOf({ scope, value, runningMax, rate }: LimitSetting): unknown[] {
  if (runningMax == null && rate == null) {
    throw new MillraceError('limit-invalid', { message: 'a limit names `running`, `rate` or both' })
  }
  if ((scope === 'tenant') !== (value === '')) {
    throw new MillraceError('limit-invalid', {
      message: scope === 'tenant' ? 'a tenant has one limit' : `a limit of a ${scope} names it`,
    })
  }
  return [scope, value, runningMax ?? null, rate?.max ?? null, rate?.ms ?? null]
}

async function refuseOperators(
  session: TenantSession,
  scope: LimitScope,
  value: string,
  by: SetBy,
): Promise<void> {
  if (by === 'operator') return
  const [set] = await session.query(
    `SELECT id FROM queue_limit WHERE subject = queue_subject($1, $2, $3) AND by_operator`,
    [session.tenant.id, scope, value],
  )
  const subject = value === '' ? `tenant "${session.tenant.slug}"` : `${scope} "${value}"`
  if (set) throw new MillraceError('limit-of-operator', { subject })
}
