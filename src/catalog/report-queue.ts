import type { SystemSession, TenantSession } from '#catalog/session.ts'
import type { ReportRunState } from '#model/report.ts'

/** A report that nobody else carries out until its lease is over. */
export interface ClaimedReport {
  readonly tenantSlug: string
  readonly name: string
  readonly fence: number
}

/** What is due, of any tenant, and no more than `share` of each at the same time. */
export async function claimReports(
  session: SystemSession,
  ask: { readonly max: number; readonly share: number; readonly leaseMs: number },
): Promise<ClaimedReport[]> {
  return session.query<ClaimedReport>(
    'SELECT tenant_slug AS "tenantSlug", name, fence FROM reports_claim($1, $2, $3)',
    [ask.max, ask.share, ask.leaseMs],
  )
}

/** Milliseconds until one is due; null: none is. */
export async function nextReportMs(session: SystemSession): Promise<number | null> {
  const [row] = await session.query<{ ms: number | null }>('SELECT reports_next_wake() AS ms')
  return row?.ms ?? null
}

export interface ReportOutcome {
  readonly state: ReportRunState
  readonly receipt: string | null
  readonly deliveryId: string | null
  readonly rows: number | null
  readonly detail: string
  /** When it is due again; null: when something is published. */
  readonly nextAt: Date | null
  /** Of the rows that are with whoever they are for; null: as before. */
  readonly fingerprint: string | null
}

const RUNS_KEPT = 1_000

/**
 * Ends a run and notes it. Waiting for the same things again is one line of the history, brought up to
 * date. What was published, or asked for, meanwhile stays due. False: somebody else has it by now.
 */
export async function settleReport(
  session: TenantSession,
  { name, fence }: Pick<ClaimedReport, 'name' | 'fence'>,
  outcome: ReportOutcome,
): Promise<boolean> {
  const { state, receipt, deliveryId, rows, detail, nextAt, fingerprint } = outcome
  const [own] = await session.query<{ number: number }>(
    `UPDATE report r SET runs = runs + CASE WHEN held AND $4 = 'held' THEN 0 ELSE 1 END,
       held = $4 = 'held', failures = CASE WHEN $4 = 'failed' THEN failures + 1 ELSE 0 END,
       fingerprint = coalesce($6, fingerprint), delivery_id = coalesce($7, delivery_id),
       cause = CASE WHEN next_at = taken_at THEN 'due' ELSE cause END,
       next_at = CASE WHEN next_at <> taken_at THEN next_at
         WHEN state = 'active' THEN $5::timestamptz END,
       leased_until = NULL, taken_at = NULL
     WHERE tenant_id = $1 AND name = $2 AND fence = $3 AND leased_until IS NOT NULL
     RETURNING runs AS number`,
    [session.tenant.id, name, fence, state, nextAt, fingerprint, deliveryId],
  )
  if (!own) return false
  await session.query(
    `INSERT INTO report_run (tenant_id, report, number, state, receipt, delivery_id, rows, detail)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (tenant_id, report, number) DO UPDATE
     SET at = millrace_now(), receipt = excluded.receipt, rows = excluded.rows, detail = excluded.detail`,
    [session.tenant.id, name, own.number, state, receipt, deliveryId, rows, detail],
  )
  await session.query(
    'DELETE FROM report_run WHERE tenant_id = $1 AND report = $2 AND number <= $3',
    [session.tenant.id, name, own.number - RUNS_KEPT],
  )
  return true
}
