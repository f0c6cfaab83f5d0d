import { z } from 'zod'

import { durationMs } from '#definitions/task-schema.ts'
import { isMailAddress } from '#mail/mail-text.ts'
import { ensureCallbackSecret } from '#operations/callbacks/ensure-secret.ts'
import { deliveryAsker } from '#operations/deliveries/accepted.ts'
import { askedFields, subjectOf } from '#operations/deliveries/asked-subject.ts'
import { chartField } from '#operations/deliveries/chart-field.ts'
import { deliveryData, toDeliveryData } from '#operations/deliveries/delivery-data.ts'
import { countDelivery } from '#operations/endpoints/count-request.ts'
import { defineOperation } from '#operations/operation.ts'
import { targetField } from '#operations/targets/target-data.ts'
import { toQuestion } from '#operations/rows/question-input.ts'
import { rowFormats } from '#model/row-format.ts'
import { targetWishOf } from '#targets/open-targets.ts'

const input = z.strictObject({
  ...askedFields,
  format: z.enum(rowFormats).default('csv').describe('Form of the file.'),
  cells: z
    .enum(['raw', 'spreadsheet'])
    .optional()
    .describe(
      'spreadsheet: texts in CSV that a spreadsheet would run as a formula begin with an apostrophe; default for people and for mail, raw for keys.',
    ),
  title: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'is not made of letters, digits, `.`, `_` and `-`, 100 at most')
    .optional()
    .describe('What the file is called, without its ending; default: what is asked for.'),
  mail: z
    .array(z.string().max(254).refine(isMailAddress, 'is not one mail address'))
    .max(20)
    .optional()
    .describe(
      'Addresses that are sent the link when it is ready; default: your own, none for a key.',
    ),
  chart: chartField.optional(),
  attach: z
    .boolean()
    .default(false)
    .describe('Send the file along with the mail where it is small enough.'),
  callbackUrl: z
    .url()
    .max(2_000)
    .optional()
    .describe('Address that is told, with a signature, when the delivery has ended.'),
  target: targetField
    .optional()
    .describe('Name of a saved target that the rows go to; default: a file that is kept here.'),
  targetOptions: z
    .record(z.string().max(100), z.unknown())
    .optional()
    .describe(
      'Of this delivery: `table`, `mode` (swap or upsert), `key` and `removeOthers` for postgres, `location` for s3.',
    ),
  keep: durationMs.optional().describe('How long the file is kept: `7d`, `12h`.'),
  downloads: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .describe('How often the link may be used; default: any number of times until it expires.'),
})

export const createDelivery = defineOperation({
  name: 'deliveries.create',
  summary: 'Have an answer of any size brought to you as a file, with a link',
  permission: 'export',
  honoursAccess: true,
  audit: ['dataset', 'partition', 'endpoint', 'format', 'mail', 'target'],
  rest: {
    method: 'POST',
    path: '/v1/deliveries',
    gathers: { where: 'where.', parameters: 'parameters.' },
  },
  input,
  output: deliveryData,
  async handler(wanted, { parts, caller, door, signal }) {
    const beganMs = parts.clock.monotonicMs()
    const { format, mail, attach, chart, callbackUrl, keep, downloads } = wanted
    const subject = await subjectOf(parts, caller, wanted)
    const question = toQuestion(subject, wanted)
    if (callbackUrl !== undefined) {
      await parts.egress.assertUrl(callbackUrl)
      await parts.catalog.asTenant(caller.tenant, (session) => ensureCallbackSecret(session, parts))
    }
    const { target: targetName, targetOptions = {} } = wanted
    const target =
      targetName === undefined
        ? undefined
        : await targetWishOf(parts.catalog, caller.tenant, targetName, targetOptions)
    const answer = await parts.answers.ask(caller, question, signal)
    const isForPeople = caller.person !== null || (mail?.length ?? 0) > 0
    const rowsExpected = subject.kind === 'dataset' ? await answer.total(signal) : null
    const delivery = await parts.deliveries.begin(
      deliveryAsker(caller),
      { question, receipt: answer.receipt },
      {
        format,
        cells: wanted.cells ?? (isForPeople ? 'spreadsheet' : 'raw'),
        title: wanted.title ?? wanted.dataset ?? wanted.endpoint ?? 'rows',
        rowsExpected,
        attach,
        chart,
        callbackUrl: callbackUrl ?? null,
        downloadsMax: downloads ?? null,
        idempotencyKey: door.idempotency?.key ?? null,
        ...(target && { target }),
        ...(mail && { mail }),
        ...(keep !== undefined && { keepMs: keep }),
      },
    )
    if (subject.kind === 'endpoint') countDelivery({ parts, caller }, subject.version, beganMs)
    return toDeliveryData(delivery, parts.deliveries.linkOf(caller.tenant, delivery))
  },
})
