import type { TenantSession } from '#catalog/session.ts'

/** The version of an endpoint that a tenant's callers are answered with unless they name another. */
export interface EndpointPin {
  readonly endpoint: string
  readonly version: number
  readonly pinnedBy: string
  readonly pinnedAt: Date
}

export async function endpointPins(session: TenantSession): Promise<EndpointPin[]> {
  return session.query<EndpointPin>(
    `SELECT endpoint, version, pinned_by AS "pinnedBy", pinned_at AS "pinnedAt"
     FROM endpoint_pin WHERE tenant_id = $1 ORDER BY endpoint`,
    [session.tenant.id],
  )
}

export async function pinEndpoint(
  session: TenantSession,
  { endpoint, version, pinnedBy }: Omit<EndpointPin, 'pinnedAt'>,
): Promise<void> {
  await session.query(
    `INSERT INTO endpoint_pin (tenant_id, endpoint, version, pinned_by) VALUES ($1, $2, $3, $4)
     ON CONFLICT (tenant_id, endpoint) DO UPDATE
     SET version = excluded.version, pinned_by = excluded.pinned_by, pinned_at = millrace_now()`,
    [session.tenant.id, endpoint, version, pinnedBy],
  )
}

/** False: it was not pinned. */
export async function unpinEndpoint(session: TenantSession, endpoint: string): Promise<boolean> {
  const rows = await session.query(
    'DELETE FROM endpoint_pin WHERE tenant_id = $1 AND endpoint = $2 RETURNING endpoint',
    [session.tenant.id, endpoint],
  )
  return rows.length > 0
}
