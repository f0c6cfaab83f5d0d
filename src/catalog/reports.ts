import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { wake } from '#catalog/subscriptions.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Access } from '#model/access.ts'
import type { TargetWish } from '#model/delivery.ts'
import type { ReportRunState, ReportState } from '#model/report.ts'

/** What a report sends, and where to. */
export interface ReportWish {
  readonly format: string
  readonly cells: string
  readonly target: TargetWish | null
  /** Addresses of members. */
  readonly mail: readonly string[]
  readonly attach: boolean
  /** As `charts` has it; null: none. */
  readonly chart: unknown
}

export interface Report {
  readonly name: string
  readonly id: string
  readonly state: ReportState
  /** As its author wrote it. */
  readonly asked: Readonly<Record<string, unknown>>
  /** As deliveries store it. */
  readonly question: unknown
  readonly wish: ReportWish
  /** Null: when something was published. */
  readonly cron: string | null
  readonly zone: string
  readonly skipEmpty: boolean
  readonly onlyChanged: boolean
  readonly complete: boolean
  /** As the audit log names them. */
  readonly askedBy: string
  readonly access: Access
  readonly createdAt: Date
  readonly changedAt: Date
  readonly nextAt: Date | null
  readonly cause: 'due' | 'asked'
  readonly fence: number
  readonly held: boolean
  readonly failures: number
  readonly runs: number
  /** Of the rows that were sent last. */
  readonly fingerprint: string | null
  readonly deliveryId: string | null
}

export type NewReport = Pick<
  Report,
  | 'name'
  | 'id'
  | 'asked'
  | 'question'
  | 'wish'
  | 'cron'
  | 'zone'
  | 'skipEmpty'
  | 'onlyChanged'
  | 'complete'
  | 'askedBy'
  | 'access'
  | 'nextAt'
>

const COLUMNS = `name, id, state, asked, question, wish, cron, zone, skip_empty AS "skipEmpty",
  only_changed AS "onlyChanged", complete, asked_by AS "askedBy", access, created_at AS "createdAt",
  changed_at AS "changedAt", next_at AS "nextAt", cause, fence, held, failures, runs, fingerprint,
  delivery_id AS "deliveryId"`

function valuesOf(session: TenantSession, report: NewReport): unknown[] {
  return [
    session.tenant.id,
    report.name,
    toJson(report.asked),
    toJson(report.question),
    toJson(report.wish),
    report.cron,
    report.zone,
    report.skipEmpty,
    report.onlyChanged,
    report.complete,
    report.askedBy,
    toJson(report.access),
    report.nextAt,
  ]
}

/** Throws `report-exists`. */
export async function createReport(session: TenantSession, report: NewReport): Promise<Report> {
  const [row] = await session.query<Report>(
    `INSERT INTO report (tenant_id, name, asked, question, wish, cron, zone, skip_empty, only_changed,
       complete, asked_by, access, next_at, id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${COLUMNS}`,
    [...valuesOf(session, report), report.id],
  )
  if (!row) throw new MillraceError('report-exists', { report: report.name })
  await wake(session)
  return row
}

/** Everything but its history; what was sent before is no measure any more. Throws `report-unknown`. */
export async function changeReport(session: TenantSession, report: NewReport): Promise<Report> {
  const [row] = await session.query<Report>(
    `UPDATE report SET asked = $3, question = $4, wish = $5, cron = $6, zone = $7, skip_empty = $8,
       only_changed = $9, complete = $10, asked_by = $11, access = $12, fence = fence + 1,
       next_at = CASE WHEN state = 'active' THEN $13::timestamptz END, leased_until = NULL,
       held = false, failures = 0, fingerprint = NULL, changed_at = millrace_now()
     WHERE tenant_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
    valuesOf(session, report),
  )
  if (!row) throw new MillraceError('report-unknown', { report: report.name })
  await wake(session)
  return row
}

export async function findReport(session: TenantSession, name: string): Promise<Report | null> {
  const [row] = await session.query<Report>(
    `SELECT ${COLUMNS} FROM report WHERE tenant_id = $1 AND name = $2`,
    [session.tenant.id, name],
  )
  return row ?? null
}

/** By name, behind `after`. */
export async function listReports(
  session: TenantSession,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<Report[]> {
  return session.query<Report>(
    `SELECT ${COLUMNS} FROM report WHERE tenant_id = $1 AND name > $2 ORDER BY name LIMIT $3`,
    [session.tenant.id, after, limit],
  )
}

/** With its history; what it has sent stays. */
export async function removeReport(session: TenantSession, name: string): Promise<void> {
  await session.query('DELETE FROM report WHERE tenant_id = $1 AND name = $2', [
    session.tenant.id,
    name,
  ])
}

/** Null for `nextAt`: it waits. What is under way may still end. */
export async function setReportState(
  session: TenantSession,
  name: string,
  to: { readonly state: ReportState; readonly nextAt: Date | null },
): Promise<void> {
  await session.query(
    `UPDATE report SET state = $3, next_at = $4, held = false, failures = 0
     WHERE tenant_id = $1 AND name = $2`,
    [session.tenant.id, name, to.state, to.nextAt],
  )
  await wake(session)
}

/** At once, also one that is paused. */
export async function askForReport(session: TenantSession, name: string): Promise<void> {
  await session.query(
    `UPDATE report SET next_at = millrace_now(), cause = 'asked' WHERE tenant_id = $1 AND name = $2`,
    [session.tenant.id, name],
  )
  await wake(session)
}

export interface ReportRun {
  readonly number: number
  readonly at: Date
  readonly state: ReportRunState
  readonly receipt: string | null
  readonly deliveryId: string | null
  readonly rows: number | null
  readonly detail: string
}

/** Newest first, before `after`. */
export async function listReportRuns(
  session: TenantSession,
  ask: { readonly report: string; readonly after: number | null; readonly limit: number },
): Promise<ReportRun[]> {
  return session.query<ReportRun>(
    `SELECT number, at, state, receipt, delivery_id AS "deliveryId", rows, detail FROM report_run
     WHERE tenant_id = $1 AND report = $2 AND ($3::int IS NULL OR number < $3)
     ORDER BY number DESC LIMIT $4`,
    [session.tenant.id, ask.report, ask.after, ask.limit],
  )
}

/** The newest `limit` runs of each of these reports, newest first. */
export async function recentReportRuns(
  session: TenantSession,
  reports: readonly string[],
  limit: number,
): Promise<(ReportRun & { readonly report: string })[]> {
  return session.query(
    `SELECT name AS report, run.* FROM unnest($2::text[]) AS name CROSS JOIN LATERAL (
       SELECT number, at, state, receipt, delivery_id AS "deliveryId", rows, detail FROM report_run
       WHERE tenant_id = $1 AND report = name ORDER BY number DESC LIMIT $3) AS run`,
    [session.tenant.id, reports, limit],
  )
}
