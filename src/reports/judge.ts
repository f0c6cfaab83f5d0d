import { getDelivery } from '#catalog/deliveries.ts'
import type { Report } from '#catalog/reports.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Tenant } from '#model/tenant.ts'
import { seenRows, type SeenRows } from '#reports/fingerprint.ts'
import type { ReportParts } from '#reports/report-parts.ts'
import type { Answer } from '#serving/answer.ts'
import { mayStillHave } from '#serving/deliveries/rights.ts'
import { reviveQuestion, type StoredQuestion } from '#serving/deliveries/stored-question.ts'
import type { Question } from '#serving/question.ts'

export interface Sendable {
  readonly state: 'sent'
  readonly question: Question
  readonly answer: Answer
  readonly seen: SeenRows
}

/** What a report would come to, and why it is not sent. */
export type Verdict =
  | Sendable
  | {
      readonly state: 'held' | 'skipped-empty' | 'unchanged'
      readonly answer: Answer
      /** Null: nobody has counted them. */
      readonly rows: number | null
      readonly detail: string
    }

type Judging = Pick<ReportParts, 'catalog' | 'directory' | 'answers' | 'datasets' | 'endpoint'>

/**
 * Asks a report's question as whoever made it, and says what is to come of it; does nothing about it.
 * `isAsked`: somebody wants it now, changed or not. Throws `report-right-lost`, and what the question
 * is refused with.
 */
export async function judgeReport(
  parts: Judging,
  about: { readonly tenant: Tenant; readonly report: Report; readonly isAsked: boolean },
  signal: AbortSignal,
): Promise<Verdict> {
  const { tenant, report, isAsked } = about
  const { access, askedBy, complete, skipEmpty, onlyChanged } = report
  if (!(await mayStillHave(parts.directory, tenant, { askedBy, access }))) {
    throw new MillraceError('report-right-lost', { report: report.name, caller: askedBy })
  }
  const question = await questionOf(parts, tenant, report)
  const answer = await parts.answers.ask({ tenant, access }, question, signal)
  const { expected, published, missing } = answer.completeness
  if (complete && published < expected) {
    const more = expected - published - missing.length
    const names = [...missing, ...(more > 0 ? [`${more} more`] : [])].join(', ')
    const detail = `${expected - published} of ${expected} parts are not published: ${names}`
    return { state: 'held', answer, rows: null, detail }
  }
  const seen = await seenRows(answer, signal)
  const { rows } = seen
  if (skipEmpty && rows === 0) {
    return { state: 'skipped-empty', answer, rows, detail: 'there is no row' }
  }
  if (onlyChanged && !isAsked && (await isWithThem(parts, tenant, report, seen))) {
    const detail = 'the rows are those that were sent last'
    return { state: 'unchanged', answer, rows, detail }
  }
  return { state: 'sent', question, answer, seen }
}

/** A report that names no version follows the endpoint's. */
async function questionOf(parts: Judging, tenant: Tenant, report: Report): Promise<Question> {
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
  parts: Judging,
  tenant: Tenant,
  { fingerprint, deliveryId }: Report,
  seen: SeenRows,
): Promise<boolean> {
  if (fingerprint !== seen.fingerprint || deliveryId === null) return false
  const last = await parts.catalog.asTenant(tenant, (session) => getDelivery(session, deliveryId))
  // Deliveries are forgotten after a month.
  return !last || !['failed', 'cancelled', 'erased'].includes(last.state)
}
