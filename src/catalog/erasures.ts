import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import { MillraceError, type ErrorData } from '#kernel/errors.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

/**
 * A request to erase a subject:
 *
 *   waiting → rewriting → recomputing → purging → done
 *
 * *rewriting* takes the rows out of the sources, *recomputing* waits until nothing that is published
 * was computed from them any more, *purging* takes what was computed before out of the lake. Each step
 * may be done again from its start; a process that dies leaves it to the next one, a lease later.
 */
export type ErasureState = 'waiting' | 'rewriting' | 'recomputing' | 'purging' | 'done'

export interface Erasure {
  readonly id: string
  /** Null: a replay, which erases everybody that the rules name. */
  readonly kind: string | null
  readonly hash: string | null
  readonly state: ErasureState
  readonly createdAt: Date
  readonly createdBy: string
  readonly rewrittenAt: Date | null
  readonly endedAt: Date | null
  readonly runId: string | null
  /** How far the rewriting has come; null: it has not begun. */
  readonly atDataset: string | null
  readonly atVersion: number
  readonly proof: ErasureProof
  /** What keeps it from going on for now. */
  readonly problem: ErrorData | null
}

/** What was done, and what cannot be said to have been done. */
export interface ErasureProof {
  /** Versions of sources that were looked through. */
  readonly versionsRead?: number
  /** Files taken out of the lake, with their bytes. */
  readonly filesPurged?: number
  readonly bytesPurged?: number
  /** Published datasets that the deployed code does not know: nobody can say what their columns mean. */
  readonly unread?: readonly string[]
}

/** An erasure that this process is at work on. */
export interface ErasureLease {
  readonly tenant: Tenant
  readonly id: string
  readonly fence: number
}

const COLUMNS = `id, kind, hash, state, created_at AS "createdAt", created_by AS "createdBy",
  rewritten_at AS "rewrittenAt", ended_at AS "endedAt", run_id AS "runId",
  at_dataset AS "atDataset", at_version AS "atVersion", proof, problem`

type ErasureRow = Omit<Erasure, 'problem'> & { readonly problem: StoredError | null }

function toErasure(row: ErasureRow): Erasure {
  return { ...row, problem: readError(row.problem) }
}

/** Under way already: returns that one, so that asking twice erases once. */
export async function requestErasure(
  session: TenantSession,
  request: {
    readonly id: string
    readonly kind: string | null
    readonly hash: string | null
    readonly by: string
  },
): Promise<Erasure> {
  const { id, kind, hash, by } = request
  const [open] = await session.query<ErasureRow>(
    `SELECT ${COLUMNS} FROM erasure
     WHERE tenant_id = $1 AND kind IS NOT DISTINCT FROM $2 AND hash IS NOT DISTINCT FROM $3
       AND state IN ('waiting', 'rewriting')
     ORDER BY id LIMIT 1`,
    [session.tenant.id, kind, hash],
  )
  if (open) return toErasure(open)
  const [made] = await session.query<ErasureRow>(
    `INSERT INTO erasure (tenant_id, id, kind, hash, created_by) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${COLUMNS}`,
    [session.tenant.id, id, kind, hash, by],
  )
  return toErasure(made as ErasureRow)
}

/** Throws `erasure-unknown`. */
export async function getErasure(session: TenantSession, id: string): Promise<Erasure> {
  const [row] = await session.query<ErasureRow>(
    `SELECT ${COLUMNS} FROM erasure WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  if (!row) throw new MillraceError('erasure-unknown', { erasure: id })
  return toErasure(row)
}

/** Newest first, older than `after`. */
export async function listErasures(
  session: TenantSession,
  page: { readonly after: string | null; readonly limit: number },
): Promise<Erasure[]> {
  const rows = await session.query<ErasureRow>(
    `SELECT ${COLUMNS} FROM erasure WHERE tenant_id = $1 AND ($2::text IS NULL OR id < $2)
     ORDER BY id DESC LIMIT $3`,
    [session.tenant.id, page.after, page.limit],
  )
  return rows.map(toErasure)
}

/** The erasure that has been due for longest, leased; null: there is none. */
export async function claimErasure(
  session: SystemSession,
  leaseMs: number,
): Promise<ErasureLease | null> {
  const [row] = await session.query<{
    tenant_id: number
    slug: string
    id: string
    fence: number
  }>('SELECT * FROM erasure_claim($1)', [leaseMs])
  return row ? { tenant: brandTenant(row.tenant_id, row.slug), id: row.id, fence: row.fence } : null
}

/** Leased to the caller, whoever is at work on it: what that one still writes is refused. */
export async function takeErasure(
  session: TenantSession,
  id: string,
  leaseMs: number,
): Promise<ErasureLease> {
  const [row] = await session.query<{ fence: number }>(
    `UPDATE erasure SET fence = fence + 1,
       leased_until = millrace_now() + $3 * interval '1 millisecond'
     WHERE tenant_id = $1 AND id = $2 RETURNING fence`,
    [session.tenant.id, id, leaseMs],
  )
  if (!row) throw new MillraceError('erasure-unknown', { erasure: id })
  return { tenant: session.tenant, id, fence: row.fence }
}

export interface ErasureStep {
  readonly state?: ErasureState
  readonly atDataset?: string
  readonly atVersion?: number
  readonly runId?: string
  readonly proof?: ErasureProof
}

/**
 * Writes down how far it has come and keeps the lease, in the transaction of the step itself. Throws
 * `lease-lost` where another process has taken over: nothing of the step comes about then.
 */
export async function stepErasure(
  session: TenantSession,
  lease: ErasureLease,
  step: ErasureStep,
  leaseMs: number,
): Promise<void> {
  const rows = await session.query(
    `UPDATE erasure
     SET state = coalesce($4, state), at_dataset = coalesce($5, at_dataset),
       at_version = coalesce($6, at_version), run_id = coalesce($7, run_id),
       proof = proof || $8, problem = NULL,
       rewritten_at = CASE WHEN $4 = 'recomputing' THEN coalesce(rewritten_at, millrace_now())
         ELSE rewritten_at END,
       ended_at = CASE WHEN $4 = 'done' THEN millrace_now() END,
       leased_until = CASE WHEN $4 = 'done' THEN NULL
         ELSE millrace_now() + $9 * interval '1 millisecond' END
     WHERE tenant_id = $1 AND id = $2 AND fence = $3 AND state <> 'done'
     RETURNING id`,
    [
      session.tenant.id,
      lease.id,
      lease.fence,
      step.state ?? null,
      step.atDataset ?? null,
      step.atVersion ?? null,
      step.runId ?? null,
      toJson(step.proof ?? {}),
      leaseMs,
    ],
  )
  if (rows.length === 0) throw new MillraceError('lease-lost', { tasks: `erasure ${lease.id}` })
}

/** Gives it back until later; nothing where the lease is another's by now. */
export async function putOffErasure(
  session: TenantSession,
  lease: ErasureLease,
  delayMs: number,
  problem: ErrorData | null,
): Promise<void> {
  await session.query(
    `UPDATE erasure
     SET leased_until = NULL, next_at = millrace_now() + $4 * interval '1 millisecond',
       problem = $5
     WHERE tenant_id = $1 AND id = $2 AND fence = $3`,
    [session.tenant.id, lease.id, lease.fence, delayMs, problem === null ? null : toJson(problem)],
  )
}

export interface ErasedPartition {
  readonly dataset: string
  readonly partition: string
  readonly isSource: boolean
  readonly rows: number
  readonly quarantined: number
  readonly purged: number
}

/** Adds to what is known of the partitions. */
export async function recordErased(
  session: TenantSession,
  erasureId: string,
  partitions: readonly ErasedPartition[],
): Promise<void> {
  if (partitions.length === 0) return
  await session.query(
    `INSERT INTO erasure_partition AS e
       (tenant_id, erasure_id, dataset, partition, is_source, rows, quarantined, purged)
     SELECT $1, $2, p.dataset, p.partition, p."isSource", p.rows, p.quarantined, p.purged
     FROM jsonb_to_recordset($3) AS p (dataset text, partition text, "isSource" boolean,
       rows bigint, quarantined bigint, purged int)
     ON CONFLICT (tenant_id, erasure_id, dataset, partition) DO UPDATE
     SET rows = e.rows + excluded.rows, quarantined = e.quarantined + excluded.quarantined,
       purged = e.purged + excluded.purged`,
    [session.tenant.id, erasureId, toJson(partitions)],
  )
}

/** By dataset and partition. */
export async function erasedPartitions(
  session: TenantSession,
  erasureId: string,
): Promise<ErasedPartition[]> {
  return session.query<ErasedPartition>(
    `SELECT dataset, partition, is_source AS "isSource", rows, quarantined, purged
     FROM erasure_partition WHERE tenant_id = $1 AND erasure_id = $2 ORDER BY dataset, partition`,
    [session.tenant.id, erasureId],
  )
}
