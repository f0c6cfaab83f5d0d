import type { CatalogFile } from '#catalog/files.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

/**
 * Files that no version needs any more. Needed are versions that a pointer names, and for
 * `keepFormerMs` those that were replaced, undone or held: former versions that undo can go back to.
 * None while the tenant is exported; see archive-hold.ts.
 */
export async function sweepable(
  session: TenantSession,
  options: { readonly keepFormerMs: number },
): Promise<CatalogFile[]> {
  await session.query('SELECT archive_lock()')
  return session.query<CatalogFile>(
    `SELECT f.id, f.path, f.size_bytes AS "sizeBytes", f.sha256
     FROM file f
     WHERE f.tenant_id = $1 AND f.swept_at IS NULL AND NOT EXISTS (
       SELECT FROM archive_hold h WHERE h.tenant_id = $1 AND h.until > millrace_now()
     ) AND NOT EXISTS (
       SELECT FROM extent e
       JOIN version v ON v.tenant_id = $1 AND v.id = e.version_id
       WHERE e.tenant_id = $1 AND e.file_id = f.id AND (
         coalesce(v.retired_at, CASE v.state WHEN 'held' THEN v.created_at END)
           > millrace_now() - $2 * interval '1 millisecond'
         OR EXISTS (
           SELECT FROM partition_pointer p
           WHERE p.tenant_id = $1 AND p.dataset = v.dataset AND p.partition = v.partition
             AND p.environment = ANY (ARRAY(SELECT DISTINCT r.environment FROM run r WHERE r.tenant_id = $1))
             AND p.version_id = v.id)))
     ORDER BY f.id`,
    [session.tenant.id, options.keepFormerMs],
  )
}

/** Their rows stay, for receipts; their bytes may go now. */
export async function markSwept(session: TenantSession, fileIds: readonly number[]): Promise<void> {
  await session.query(
    `UPDATE file SET swept_at = millrace_now()
     WHERE tenant_id = $1 AND id = ANY ($2) AND swept_at IS NULL`,
    [session.tenant.id, fileIds],
  )
}

export interface StockedTenant {
  readonly tenant: Tenant
  /** For how long its former versions are kept. */
  readonly keepDays: number
}

/**
 * The next tenants that have files, by number after `after`, each with how long it keeps former
 * versions: `defaultDays` where nobody has said otherwise.
 */
export async function stockedTenants(
  session: SystemSession,
  { after, limit, defaultDays }: { after: number; limit: number; defaultDays: number },
): Promise<StockedTenant[]> {
  const rows = await session.query<{ id: number; slug: string; keepDays: number }>(
    'SELECT id, slug, keep_days AS "keepDays" FROM sweep_tenants($1, $2, $3)',
    [after, limit, defaultDays],
  )
  return rows.map(({ id, slug, keepDays }) => ({ tenant: brandTenant(id, slug), keepDays }))
}

/**
 * Forgets tasks and logs of runs that tenants want to keep no longer, of at most so many runs;
 * returns of how many. The runs themselves and their counts stay.
 */
export async function sweepHistory(session: SystemSession, most: number): Promise<number> {
  const [row] = await session.query<{ swept: number }>('SELECT history_sweep($1) AS swept', [most])
  return row?.swept ?? 0
}
