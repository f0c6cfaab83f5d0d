import { databaseNow } from '#catalog/delivery-tasks.ts'
import { isMemberAddress } from '#catalog/members.ts'
import { settleReport, type ClaimedReport, type ReportOutcome } from '#catalog/report-queue.ts'
import { findReport, type Report } from '#catalog/reports.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import type { Chart } from '#charts/chart-options.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { backoffMs } from '#kernel/retry.ts'
import type { RowFormat } from '#model/row-format.ts'
import type { Tenant } from '#model/tenant.ts'
import { judgeReport, type Sendable } from '#reports/judge.ts'
import { nextReportTime } from '#reports/next-time.ts'
import type { ReportParts } from '#reports/report-parts.ts'
import type { Cells } from '#serving/question.ts'

const BACKOFF = { firstMs: 60_000, factor: 3, ceilingMs: 3_600_000 }
/** Then it waits for its next occasion. */
const TRIES_MOST = 5

type Decided = Omit<ReportOutcome, 'nextAt'>

/**
 * One run of a report: its question is asked as whoever made it, and what comes of that is decided,
 * done and noted. A worker that dies in between leaves it to the next, who finds the delivery that was
 * begun: it has the number of the run in its key.
 */
export async function carryOutReport(
  parts: ReportParts,
  claimed: ClaimedReport,
  signal: AbortSignal,
): Promise<void> {
  const tenant = await tenantBySlug(parts.catalog, claimed.tenantSlug)
  const report =
    tenant && (await parts.catalog.asTenant(tenant, (session) => findReport(session, claimed.name)))
  if (!tenant || report?.fence !== claimed.fence) return
  let decided: Decided
  let delayMs: number | null = null
  try {
    decided = await decide(parts, tenant, report, signal)
  } catch (error) {
    // Somebody else takes it when its lease is over.
    if (signal.aborted) throw error
    const known = toMillraceError(error)
    const state = known.code === 'rows-unpublished' ? 'held' : 'failed'
    if (state === 'failed')
      parts.log.warn('a report is not sent', { tenant: tenant.slug, report: report.name, error })
    decided = { ...nothing, state, detail: `${known.code}: ${known.message}` }
    if (known.entry.retryable && report.failures < TRIES_MOST) {
      delayMs = backoffMs(BACKOFF, report.failures + 1, parts.random)
    }
  }
  await parts.catalog.asTenant(tenant, async (session) => {
    const now = await databaseNow(session)
    const next = nextReportTime(report, now)
    const again = delayMs === null ? null : new Date(now.getTime() + delayMs)
    const nextAt = again !== null && (next === null || again < next) ? again : next
    await settleReport(session, claimed, { ...decided, nextAt })
  })
}

const nothing = { receipt: null, deliveryId: null, rows: null, fingerprint: null } as const

async function decide(
  parts: ReportParts,
  tenant: Tenant,
  report: Report,
  signal: AbortSignal,
): Promise<Decided> {
  const verdict = await judgeReport(
    parts,
    { tenant, report, isAsked: report.cause === 'asked' },
    signal,
  )
  if (verdict.state === 'sent') return send(parts, tenant, report, verdict)
  const { state, answer, rows, detail } = verdict
  return { ...nothing, state, receipt: answer.receipt.id, rows, detail }
}

async function send(
  parts: ReportParts,
  tenant: Tenant,
  report: Report,
  { question, answer, seen }: Sendable,
): Promise<Decided> {
  const { wish, askedBy, access, name } = report
  const { receipt } = answer
  const mail: string[] = []
  await parts.directory.asTenant(tenant, async (session) => {
    for (const address of wish.mail) {
      if (await isMemberAddress(session, address)) mail.push(address)
    }
  })
  const gone = wish.mail.filter((address) => !mail.includes(address))
  if (mail.length === 0 && wish.target === null) {
    throw new MillraceError('report-recipient', { address: gone.join(', ') })
  }
  const delivery = await parts.deliveries.begin(
    { tenant, access, name: askedBy, email: null },
    { question, receipt },
    {
      format: wish.format as RowFormat,
      cells: wish.cells as Cells,
      title: name,
      rowsExpected: seen.rows,
      mail,
      attach: wish.attach,
      chart: (wish.chart ?? undefined) as Chart | undefined,
      idempotencyKey: `report ${report.id} ${report.runs + 1} ${receipt.id}`,
      ...(wish.target && { target: wish.target }),
    },
  )
  return {
    state: 'sent',
    receipt: receipt.id,
    deliveryId: delivery.id,
    rows: seen.rows,
    fingerprint: seen.fingerprint,
    detail: gone.length === 0 ? '' : `no members any more, and sent nothing: ${gone.join(', ')}`,
  }
}
