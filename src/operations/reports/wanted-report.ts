import { z } from 'zod'

import { isMemberAddress } from '#catalog/members.ts'
import type { NewReport } from '#catalog/reports.ts'
import { MillraceError } from '#kernel/errors.ts'
import { isMailAddress } from '#mail/mail-text.ts'
import { rowFormats } from '#model/row-format.ts'
import { askedFields, subjectOf } from '#operations/deliveries/asked-subject.ts'
import { chartField } from '#operations/deliveries/chart-field.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { toQuestion } from '#operations/rows/question-input.ts'
import { targetField } from '#operations/targets/target-data.ts'
import { nextReportTime } from '#reports/next-time.ts'
import { storeQuestion } from '#serving/deliveries/stored-question.ts'
import { targetWishOf } from '#targets/open-targets.ts'

const { asOf: _asOf, ...asked } = askedFields

/** What a report is made of, beside its name. */
export const reportFields = {
  ...asked,
  format: z.enum(rowFormats).default('csv').describe('Form of the file.'),
  mail: z
    .array(z.string().max(254).refine(isMailAddress, 'is not one mail address'))
    .max(20)
    .optional()
    .describe('Addresses of members that are sent it; default: your own, none with a target.'),
  attach: z.boolean().default(false).describe('Send the file along where it is small enough.'),
  chart: chartField.optional(),
  target: targetField.optional().describe('Name of a saved target that the rows go to.'),
  targetOptions: z
    .record(z.string().max(100), z.unknown())
    .optional()
    .describe(
      'Of the target: `table`, `mode`, `key`, `removeOthers` for postgres, `location` for s3.',
    ),
  cron: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('When it is sent: `0 7 * * 1-5`, `@daily`; in the time zone of `zone`.'),
  zone: z.string().max(100).default('UTC').describe('Time zone of `cron`: `Europe/Berlin`.'),
  onArrival: z.boolean().default(false).describe('Send it when something was published.'),
  skipEmpty: z.boolean().default(true).describe('Send nothing while there is no row.'),
  onlyChanged: z.boolean().default(true).describe('Send only rows that differ from the last ones.'),
  complete: z
    .boolean()
    .default(true)
    .describe('Hold it back while parts are not published, and send it when all are.'),
} as const

type Wanted = z.output<z.ZodObject<typeof reportFields>>

/**
 * A report as it is stored, in the caller's name. Throws what the question, the target or the cron
 * expression is refused with, and `report-recipient`.
 */
export async function wantedReport(
  { parts, caller }: { readonly parts: Parts; readonly caller: Caller },
  name: string,
  wanted: Wanted,
): Promise<NewReport> {
  const { cron, zone, onArrival, target, targetOptions = {}, chart, format, attach } = wanted
  if ((cron !== undefined) === onArrival) {
    const message = 'or `onArrival` says when it is sent: give one of both'
    throw new MillraceError('input-invalid', { path: 'cron', message })
  }
  const question = toQuestion(await subjectOf(parts, caller, wanted), wanted)
  const mail = await recipients(parts, caller, wanted)
  const { dataset, partition, endpoint, version, parameters, where, select, sort } = wanted
  const given = { dataset, partition, endpoint, version, parameters, where, select, sort }
  return {
    name,
    id: parts.ids.next('rpt'),
    asked: JSON.parse(JSON.stringify(given)) as Record<string, unknown>,
    question: storeQuestion(question),
    wish: {
      format,
      cells: mail.length > 0 ? 'spreadsheet' : 'raw',
      target:
        target === undefined
          ? null
          : await targetWishOf(parts.catalog, caller.tenant, target, targetOptions),
      mail,
      attach,
      chart: chart ?? null,
    },
    cron: cron ?? null,
    zone,
    skipEmpty: wanted.skipEmpty,
    onlyChanged: wanted.onlyChanged,
    complete: wanted.complete,
    askedBy: caller.name,
    access: caller.access,
    nextAt: nextReportTime({ cron: cron ?? null, zone }, parts.clock.now()),
  }
}

async function recipients(
  { directory }: Parts,
  { tenant, person }: Caller,
  { mail, target }: Wanted,
): Promise<readonly string[]> {
  const own = person && target === undefined ? [person.email] : []
  const addresses = [...new Set(mail ?? own)]
  if (addresses.length === 0 && target === undefined) {
    const message = 'is missing: name members who are sent it, or a target'
    throw new MillraceError('input-invalid', { path: 'mail', message })
  }
  for (const address of addresses) {
    const isMember = await directory.asTenant(tenant, (session) =>
      isMemberAddress(session, address),
    )
    if (!isMember) throw new MillraceError('report-recipient', { address })
  }
  return addresses
}
