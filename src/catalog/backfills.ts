import { toJson } from '#catalog/json.ts'
import { setGlobalLimit } from '#catalog/limits.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { RunState, TaskClass } from '#model/run.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

/** One request for many tenants: a run for each, steered together. */
export interface Backfill {
  readonly id: string
  readonly title: string
  readonly request: BackfillRequest
  readonly class: TaskClass
  /** Batches that run at the same time, over all its tenants; null: as many as slots allow. */
  readonly concurrency: number | null
  readonly createdBy: string
  readonly createdAt: Date
  readonly cancelledAt: Date | null
  /** When nothing of it was open any more. */
  readonly endedAt: Date | null
  readonly undoneAt: Date | null
  /** The reason, while it is paused. */
  readonly paused: string | null
  readonly tenants: Readonly<Partial<Record<BackfillPart['state'], number>>>
  readonly runs: Readonly<Partial<Record<RunState, number>>>
  readonly tasks: BackfillTasks
}

/** A region as people write it; each tenant's planning reads it anew. */
export interface BackfillRequest {
  readonly datasets: readonly string[]
  readonly partition: string | null
  readonly mode: 'run' | 'rerun'
  readonly only?: readonly string[] | undefined
  readonly upstream?: boolean | undefined
  readonly downstream?: boolean | undefined
  readonly order?: 'oldest' | 'newest' | undefined
}

export type BackfillTasks = Readonly<
  Record<
    'total' | 'done' | 'unchanged' | 'held' | 'failed' | 'skipped' | 'cancelled' | 'rows',
    number
  >
>

/** One tenant of a backfill. */
export interface BackfillPart {
  readonly tenant: Tenant
  readonly state: 'planning' | 'started' | 'nothing' | 'failed' | 'cancelled'
  readonly runId: string | null
  readonly runState: RunState | null
  readonly error: ErrorData | null
  readonly total: number
  readonly ended: number
  /** Held, failed or skipped. */
  readonly bad: number
}

export interface NewBackfill {
  readonly id: string
  readonly title: string
  readonly request: BackfillRequest
  readonly class: TaskClass
  readonly concurrency: number | null
  readonly createdBy: string
}

/** With one planning task for each tenant, in their order. */
export async function createBackfill(
  session: SystemSession,
  backfill: NewBackfill,
  tenants: readonly Tenant[],
): Promise<void> {
  await session.query('SELECT backfill_create($1, $2)', [
    toJson(backfill),
    tenants.map(({ id }) => id),
  ])
  if (backfill.concurrency === null) return
  const limit = { scope: 'backfill', value: backfill.id, runningMax: backfill.concurrency } as const
  await setGlobalLimit(session, limit)
}

/** Newest first; only those that a tenant takes part in, counted for it alone, where one is given. */
export async function listBackfills(
  session: SystemSession,
  filter: {
    readonly id?: string | undefined
    readonly tenant?: Tenant | undefined
    readonly limit: number
  },
): Promise<Backfill[]> {
  const rows = await session.query<Backfill>('SELECT * FROM backfill_list($1, $2, $3)', [
    filter.id ?? null,
    filter.tenant?.id ?? null,
    filter.limit,
  ])
  return rows.map((row) => ({ ...row, tenants: row.tenants ?? {}, runs: row.runs ?? {} }))
}

type PartRow = Omit<BackfillPart, 'tenant' | 'error'> & {
  readonly id: number
  readonly slug: string
  readonly error: StoredError | null
}

/** By tenant's name. */
export async function backfillParts(
  session: SystemSession,
  backfillId: string,
  page: {
    readonly tenant?: Tenant | undefined
    readonly after?: string | undefined
    readonly limit: number
  },
): Promise<BackfillPart[]> {
  const rows = await session.query<PartRow>('SELECT * FROM backfill_tenants($1, $2, $3, $4)', [
    backfillId,
    page.tenant?.id ?? null,
    page.after ?? null,
    page.limit,
  ])
  return rows.map(({ id, slug, error, ...row }) => ({
    ...row,
    tenant: brandTenant(id, slug),
    error: readError(error),
  }))
}

/** Nothing of it is planned any more; its runs are cancelled by themselves. */
export async function cancelPlanning(session: SystemSession, backfillId: string): Promise<void> {
  await session.query('SELECT backfill_cancel($1)', [backfillId])
}

export async function noteBackfillUndone(
  session: SystemSession,
  backfillId: string,
): Promise<void> {
  await session.query('SELECT backfill_note_undone($1)', [backfillId])
}

/** Ends backfills of which nothing is open; returns how many. */
export async function settleBackfills(session: SystemSession): Promise<number> {
  const [row] = await session.query<{ ended: number }>('SELECT backfill_settle() AS ended')
  return row?.ended ?? 0
}

/** What a tenant's planning task carries out; null: nothing any more. */
export async function backfillToPlan(
  session: TenantSession,
  backfillId: string,
): Promise<Pick<Backfill, 'title' | 'request' | 'class'> | null> {
  const [row] = await session.query<Pick<Backfill, 'title' | 'request' | 'class'>>(
    `SELECT title, request, class FROM backfill_tenant
     WHERE tenant_id = $1 AND backfill_id = $2 AND state = 'planning'`,
    [session.tenant.id, backfillId],
  )
  return row ?? null
}

/** How a tenant's planning came out. False: it was cancelled meanwhile, or its run is known already. */
export async function notePlanned(
  session: TenantSession,
  backfillId: string,
  outcome: {
    readonly state: BackfillPart['state']
    readonly runId?: string | undefined
    readonly error?: ErrorData | undefined
  },
): Promise<boolean> {
  const noted = await session.query(
    `UPDATE backfill_tenant SET state = $3, run_id = $4, error = $5
     WHERE tenant_id = $1 AND backfill_id = $2
       AND (state = 'planning' OR (state = 'started' AND run_id IS NULL)) RETURNING state`,
    [
      session.tenant.id,
      backfillId,
      outcome.state,
      outcome.runId ?? null,
      outcome.error ? toJson(outcome.error) : null,
    ],
  )
  return noted.length > 0
}
