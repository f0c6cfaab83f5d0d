import type { TenantSession } from '#catalog/session.ts'

/**
 * Keeps the sweeper from the tenant's files until `release`, or for `holdMs`. Once this is committed,
 * no file that a later snapshot names is on its way out: sweeping takes the same lock.
 */
export async function holdFiles(session: TenantSession, id: string, holdMs: number): Promise<void> {
  await session.query('SELECT archive_lock()')
  await session.query(
    `INSERT INTO archive_hold (tenant_id, id, until)
     VALUES ($1, $2, millrace_now() + $3 * interval '1 millisecond')
     ON CONFLICT (tenant_id, id) DO UPDATE SET until = excluded.until`,
    [session.tenant.id, id, holdMs],
  )
}

/** Of the tenant's holds, also those that have run out. */
export async function releaseFiles(session: TenantSession, id: string): Promise<void> {
  await session.query(
    'DELETE FROM archive_hold WHERE tenant_id = $1 AND (id = $2 OR until < millrace_now())',
    [session.tenant.id, id],
  )
}
