import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { sha256 } from '#kernel/hash.ts'

/** One thing that somebody did. */
export interface AuditEvent {
  /** `key mk_…`, `user usr_… anna@example.com`, `operator`, `local`. */
  readonly actor: string
  /** Name of the operation: `keys.create`. */
  readonly action: string
  /** JSON object: what it was done to; never a secret. */
  readonly detail: string
  readonly requestId: string | null
}

export interface AuditRow extends AuditEvent {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number
  /** `2026-11-22T10:00:00.000000Z`, of the database's clock. */
  readonly at: string
  /** Of the row before it and of everything above, see `auditHash`. */
  readonly hash: string
}

/** When a row is written: always, or if the transaction has written anything before. */
type When = 'always' | 'if-written'

const unless = (when: When) =>
  when === 'always' ? '' : 'WHERE pg_current_xact_id_if_assigned() IS NOT NULL'

/** Appends to the log of the session's tenant; the database gives number, time and hash. */
export async function appendAudit(
  session: TenantSession,
  { actor, action, detail, requestId }: AuditEvent,
  when: When = 'always',
): Promise<boolean> {
  const rows = await session.query(
    `INSERT INTO audit (tenant_id, actor, action, detail, request_id)
     SELECT $1, $2, $3, $4, $5 ${unless(when)} RETURNING seq`,
    [session.tenant.id, actor, action, detail, requestId],
  )
  return rows.length > 0
}

export async function appendAuditOf(
  session: SystemSession,
  tenantId: number,
  { actor, action, detail, requestId }: AuditEvent,
  when: When = 'always',
): Promise<boolean> {
  const rows = await session.query(`SELECT audit_append($1, $2, $3, $4, $5) ${unless(when)}`, [
    tenantId,
    actor,
    action,
    detail,
    requestId,
  ])
  return rows.length > 0
}

/** Rows from `after` (exclusive) on, oldest first. */
export async function listAudit(
  session: TenantSession,
  after: number,
  limit: number,
): Promise<AuditRow[]> {
  return session.query<AuditRow>(
    `SELECT seq, audit_time(at) AS at, actor, action, detail, request_id AS "requestId",
       encode(hash, 'hex') AS hash
     FROM audit WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
    [session.tenant.id, after, limit],
  )
}

export interface AuditHead {
  /** Number of the newest row; 0 where there is none. */
  readonly seq: number
  readonly hash: string
}

export async function auditHead(session: TenantSession): Promise<AuditHead> {
  const [head] = await session.query<AuditHead>(
    `SELECT seq, encode(hash, 'hex') AS hash FROM audit_head WHERE tenant_id = $1`,
    [session.tenant.id],
  )
  return head ?? { seq: 0, hash: AUDIT_BEGINNING }
}

/** What stands for the hash of the row before the first one. */
export const AUDIT_BEGINNING = '0'.repeat(64)

/**
 * SHA-256 over the hash of the row before it (32 bytes) and number, time, actor, action, detail and
 * request, each as `<length in bytes>:<text>,`; migration 0021 computes the same.
 */
export function auditHash(former: string, row: Omit<AuditRow, 'hash'>): string {
  const texts = [String(row.seq), row.at, row.actor, row.action, row.detail, row.requestId ?? '']
  const fields = texts.map((text) => `${Buffer.byteLength(text)}:${text},`).join('')
  return sha256(Buffer.concat([Buffer.from(former, 'hex'), Buffer.from(fields)]))
}
