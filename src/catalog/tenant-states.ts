import type { SystemSession, TenantSession } from '#catalog/session.ts'
import type { TenantState } from '#catalog/tenants.ts'

export interface TenantStanding {
  readonly state: TenantState
  /** Why it is not active; null where nobody said. */
  readonly reason: string | null
}

/** Null: there is no such tenant. */
export async function tenantStanding(
  session: SystemSession,
  tenantId: number,
): Promise<TenantStanding | null> {
  const [row] = await session.query<TenantStanding>(
    'SELECT state, reason FROM tenant_standing($1)',
    [tenantId],
  )
  return row ?? null
}

/**
 * Moves a tenant into a state and returns the former one; null: there is no such tenant. Of one
 * that is not active nothing is claimed and no trigger is looked at. Whoever makes one active again
 * gives its schedules their next times, see `resumeTenant`.
 */
export async function setTenantState(
  session: SystemSession,
  tenantId: number,
  state: TenantState,
  reason: string | null,
): Promise<TenantState | null> {
  const [row] = await session.query<{ former: TenantState | null }>(
    'SELECT tenant_set_state($1, $2, $3) AS former',
    [tenantId, state, reason],
  )
  return row?.former ?? null
}

/** Of the session's own tenant. */
export async function ownStanding(session: TenantSession): Promise<TenantStanding> {
  const [row] = await session.query<TenantStanding>(
    'SELECT state, state_reason AS reason FROM tenant WHERE id = $1',
    [session.tenant.id],
  )
  return row as TenantStanding
}
