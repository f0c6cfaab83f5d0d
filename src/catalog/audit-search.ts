import type { AuditRow } from '#catalog/audit.ts'
import type { TenantSession } from '#catalog/session.ts'

export interface AuditFilter {
  /** Anywhere in the name of whoever did it, whatever its case. */
  readonly actor: string | null
  /** An operation, or a resource: `keys` is all of `keys.…`. */
  readonly action: string | null
  readonly since: Date | null
  readonly until: Date | null
}

/** Rows that one look goes through at most: a log may be long, and hold little of what is wanted. */
const SCANNED_MAX = 20_000

/**
 * Rows before the number `end` that fit, the newest first. `next`: the end of the next look; null: the
 * log has been seen to its beginning. A page may be short, or empty, with more behind it.
 */
export async function searchAudit(
  session: TenantSession,
  { actor, action, since, until }: AuditFilter,
  { end, limit }: { readonly end: number; readonly limit: number },
): Promise<{ readonly rows: AuditRow[]; readonly next: number | null }> {
  const begin = Math.max(1, end - SCANNED_MAX)
  const rows = await session.query<AuditRow>(
    `SELECT seq, audit_time(at) AS at, actor, action, detail, request_id AS "requestId",
       encode(hash, 'hex') AS hash
     FROM audit
     WHERE tenant_id = $1 AND seq >= $2 AND seq < $3
       AND ($4::text IS NULL OR position(lower($4) IN lower(actor)) > 0)
       AND ($5::text IS NULL OR action = $5 OR starts_with(action, $5 || '.'))
       AND ($6::timestamptz IS NULL OR at >= $6) AND ($7::timestamptz IS NULL OR at < $7)
     ORDER BY seq DESC LIMIT $8`,
    [session.tenant.id, begin, end, actor, action, since, until, limit + 1],
  )
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  if (rows.length > limit && last) return { rows: page, next: last.seq }
  // Rows are in the order of their times: what is older than the filter's beginning is of no use.
  const isOver = begin === 1 || (since !== null && (await isBefore(session, begin, since)))
  return { rows: page, next: isOver ? null : begin }
}

async function isBefore(session: TenantSession, seq: number, time: Date): Promise<boolean> {
  const [row] = await session.query<{ before: boolean }>(
    'SELECT at < $3 AS before FROM audit WHERE tenant_id = $1 AND seq = $2',
    [session.tenant.id, seq, time],
  )
  return row?.before ?? true
}
