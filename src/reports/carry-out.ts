import { getDelivery } from '#catalog/deliveries.ts'
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
import { seenRows, type SeenRows } from '#reports/fingerprint.ts'
import { nextReportTime } from '#reports/next-time.ts'
import type { ReportParts } from '#reports/report-parts.ts'
import type { Answer } from '#serving/answer.ts'
import { mayStillHave } from '#serving/deliveries/rights.ts'
import { reviveQuestion, type StoredQuestion } from '#serving/deliveries/stored-question.ts'
import type { Cells, Question } from '#serving/question.ts'

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
  const { access, askedBy, complete, skipEmpty, onlyChanged } = report
  if (!(await mayStillHave(parts.directory, tenant, { askedBy, access }))) {
    throw new MillraceError('report-right-lost', { report: report.name, caller: askedBy })
  }
  const question = await questionOf(parts, tenant, report)
  const answer = await parts.answers.ask({ tenant, access }, question, signal)
  const { receipt, completeness } = answer
  const { expected, published, missing } = completeness
  if (complete && published < expected) {
    const more = expected - published - missing.length
    const names = [...missing, ...(more > 0 ? [`${more} more`] : [])].join(', ')
    const detail = `${expected - published} of ${expected} parts are not published: ${names}`
    return { ...nothing, state: 'held', receipt: receipt.id, detail }
  }
  const seen = await seenRows(answer, signal)
  const facts = { ...nothing, receipt: receipt.id, rows: seen.rows }
  if (skipEmpty && seen.rows === 0) {
    return { ...facts, state: 'skipped-empty', detail: 'there is no row' }
  }
  const isAsked = report.cause === 'asked'
  if (onlyChanged && !isAsked && (await isWithThem(parts, tenant, report, seen))) {
    return { ...facts, state: 'unchanged', detail: 'the rows are those that were sent last' }
  }
  return send(parts, tenant, report, { question, answer, seen })
}

/** A report that names no version follows the endpoint's. */
async function questionOf(parts: ReportParts, tenant: Tenant, report: Report): Promise<Question> {
  const stored = report.question as StoredQuestion
  const about = { tenant, delivery: `of report ${report.name}`, commit: null }
  const { subject } = stored
  if (subject.kind !== 'endpoint' || report.asked['version'] !== undefined) {
    return reviveQuestion(parts, about, stored)
  }
  const { number } = await parts.endpoint(tenant, subject.endpoint, null)
  return reviveQuestion(parts, about, { ...stored, subject: { ...subject, version: number } })
}

/** Whether these rows were sent last, and arrived or may still do so. */
async function isWithThem(
  parts: ReportParts,
  tenant: Tenant,
  { fingerprint, deliveryId }: Report,
  seen: SeenRows,
): Promise<boolean> {
  if (fingerprint !== seen.fingerprint || deliveryId === null) return false
  const last = await parts.catalog.asTenant(tenant, (session) => getDelivery(session, deliveryId))
  // Deliveries are forgotten after a month.
  return !last || !['failed', 'cancelled', 'erased'].includes(last.state)
}

async function send(
  parts: ReportParts,
  tenant: Tenant,
  report: Report,
  { question, answer, seen }: { question: Question; answer: Answer; seen: SeenRows },
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
