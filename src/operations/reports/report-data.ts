import { z } from 'zod'

import { findReport, type Report } from '#catalog/reports.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { beyond } from '#model/access-beyond.ts'
import { reportStates } from '#model/report.ts'
import { placeFields, placeOf } from '#operations/deliveries/place-fields.ts'
import type { Caller } from '#operations/operation.ts'

const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/
const WRONG = 'is not made of lower-case letters, digits, `-` and `_`'

export const newReportField = z.string().regex(NAME, WRONG).describe('Name of the report.')

export const reportField = newReportField.meta({ names: 'report' }).describe('Name of the report.')

export const reportData = z
  .object({
    report: z.string(),
    state: z.enum(reportStates),
    /** What it asks: dataset or endpoint, parameters, conditions. */
    asked: z.record(z.string(), z.unknown()),
    format: z.string(),
    /** `file`, or the kind of place that its rows go to. */
    target: z.string(),
    ...placeFields,
    mail: z.array(z.string()),
    attach: z.boolean(),
    chart: z.record(z.string(), z.unknown()).nullable(),
    /** Null: it is sent when something was published. */
    cron: z.string().nullable(),
    zone: z.string(),
    onArrival: z.boolean(),
    skipEmpty: z.boolean(),
    onlyChanged: z.boolean(),
    complete: z.boolean(),
    /** Waits for what is missing: the history names it. */
    held: z.boolean(),
    askedBy: z.string(),
    nextAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    changedAt: z.iso.datetime(),
  })
  .meta({ entity: 'Report' })
export type ReportData = z.output<typeof reportData>

export function toReportData(report: Report): ReportData {
  const { name, wish, cron, createdAt, changedAt, nextAt, asked, ...shown } = report
  return {
    report: name,
    state: shown.state,
    asked: { ...asked },
    format: wish.format,
    target: wish.target?.kind ?? 'file',
    ...placeOf(wish.target),
    mail: [...wish.mail],
    attach: wish.attach,
    chart: (wish.chart ?? null) as Record<string, unknown> | null,
    cron,
    zone: shown.zone,
    onArrival: cron === null,
    skipEmpty: shown.skipEmpty,
    onlyChanged: shown.onlyChanged,
    complete: shown.complete,
    held: shown.held,
    askedBy: shown.askedBy,
    nextAt: nextAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
  }
}

/** True for somebody who may see all that its author might see. */
export function seesReport({ access }: Report, caller: Pick<Caller, 'access'>): boolean {
  return beyond(access, caller.access) === null
}

/** What the caller may not see answers as if there were none. Throws `report-unknown`. */
export async function visibleReport(
  session: TenantSession,
  name: string,
  caller: Pick<Caller, 'access'>,
): Promise<Report> {
  const report = await findReport(session, name)
  if (report && seesReport(report, caller)) return report
  throw new MillraceError('report-unknown', { report: name })
}
