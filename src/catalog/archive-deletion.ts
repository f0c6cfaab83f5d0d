import type { SystemSession } from '#catalog/session.ts'

export interface Deletion {
  readonly slug: string
  /** waiting: suspended, may be withdrawn; removing; done: what is left is this proof. */
  readonly state: 'waiting' | 'removing' | 'done'
  readonly askedBy: string
  readonly askedAt: Date
  /** When removing begins. */
  readonly dueAt: Date
  readonly begunAt: Date | null
  readonly endedAt: Date | null
  /** Rows by table, without tables that had none. */
  readonly rowsBefore: Readonly<Record<string, number>> | null
  readonly rowsAfter: Readonly<Record<string, number>> | null
  /** What lay in the lake when removing began; null: it has not. */
  readonly files: number | null
  readonly bytes: number | null
  /** Number and hash of the last row of its audit log. */
  readonly auditSeq: number | null
  readonly auditHash: string | null
}

/** A deletion that this process carries out; `number` fences one that was taken for dead. */
export interface LeasedDeletion {
  readonly slug: string
  readonly tenantId: number
  readonly number: number
}

/** Suspends the tenant and has it removed after `graceMs`. False: it is being removed already. */
export async function askDeletion(
  session: SystemSession,
  tenantId: number,
  by: string,
  graceMs: number,
): Promise<boolean> {
  const [row] = await session.query<{ slug: string | null }>(
    'SELECT deletion_ask($1, $2, $3) AS slug',
    [tenantId, by, graceMs],
  )
  return row?.slug != null
}

/** The standing that the tenant had before; null: nothing waits. */
export async function withdrawDeletion(
  session: SystemSession,
  tenantId: number,
): Promise<{ readonly state: string; readonly reason: string | null } | null> {
  const [row] = await session.query<{ state: string; reason: string | null }>(
    'SELECT state, reason FROM deletion_withdraw($1)',
    [tenantId],
  )
  return row ?? null
}

/** One that is due and that nobody is at work on: that of the slug, or any. */
export async function claimDeletion(
  session: SystemSession,
  slug: string | null,
  leaseMs: number,
): Promise<LeasedDeletion | null> {
  const [row] = await session.query<LeasedDeletion>(
    'SELECT slug, former_id AS "tenantId", number FROM deletion_claim($1, $2)',
    [slug, leaseMs],
  )
  return row ?? null
}

/**
 * `found`: what lies in the lake before anything is removed; the first word on it counts. False: another
 * process has taken over.
 */
export async function keepDeletion(
  session: SystemSession,
  { slug, number }: LeasedDeletion,
  leaseMs: number,
  found: { readonly files: number; readonly bytes: number } | null = null,
): Promise<boolean> {
  const [row] = await session.query<{ ours: boolean }>(
    'SELECT deletion_keep($1, $2, $3, $4, $5) AS ours',
    [slug, number, leaseMs, found?.files ?? null, found?.bytes ?? null],
  )
  return row?.ours ?? false
}

/** Removes at most so many rows of a table, and says how many; null: another process has taken over. */
export async function removeRows(
  session: SystemSession,
  owner: { readonly tenantId: number; readonly number: number },
  table: string,
  rowsMax: number,
): Promise<number | null> {
  const [row] = await session.query<{ rows: number | null }>(
    'SELECT archive_remove($1, $2, $3, $4) AS rows',
    [owner.tenantId, owner.number, table, rowsMax],
  )
  return row?.rows ?? null
}

/** Empty: it is done. Else rows that came meanwhile, by table. Null: another process has taken over. */
export async function finishDeletion(
  session: SystemSession,
  { slug, number }: LeasedDeletion,
): Promise<Readonly<Record<string, number>> | null> {
  const [row] = await session.query<{ left: Record<string, number> | null }>(
    'SELECT deletion_finish($1, $2) AS left',
    [slug, number],
  )
  return row?.left ?? null
}

/** By slug, after `after`; or that of one slug. */
export async function listDeletions(
  session: SystemSession,
  asked: { readonly slug: string | null; readonly after: string; readonly limit: number },
): Promise<Deletion[]> {
  return session.query<Deletion>(
    `SELECT slug, state, asked_by AS "askedBy", asked_at AS "askedAt", due_at AS "dueAt",
       begun_at AS "begunAt", ended_at AS "endedAt", rows_before AS "rowsBefore",
       rows_after AS "rowsAfter", files, bytes, audit_seq AS "auditSeq", audit_hash AS "auditHash"
     FROM deletion_list($1, $2, $3)`,
    [asked.slug, asked.after, asked.limit],
  )
}
