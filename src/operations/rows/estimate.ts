import { z } from 'zod'

import { deliveryPace, type DeliveryPace } from '#catalog/delivery-pace.ts'
import { askedFields, subjectOf } from '#operations/deliveries/asked-subject.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import { rowFormats } from '#model/row-format.ts'

const SAMPLE_ROWS = 1000
const DELIVERIES_LOOKED_AT = 20
/** Of a machine that nothing is known of. */
const BYTES_PER_SECOND = 4_000_000
const START_SECONDS = 0.3

export const estimateRows = defineOperation({
  name: 'rows.estimate',
  summary: 'How many rows an export would hold, how large it would be and how long it would take',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/rows/estimate',
    gathers: { where: 'where.', parameters: 'parameters.' },
  },
  input: z.strictObject({
    ...askedFields,
    format: z.enum(rowFormats).default('csv').describe('Form of the file.'),
    cells: questionFields.cells,
  }),
  output: z.object({
    /** Counted, not estimated. */
    rows: z.int(),
    /** Exact where one page holds all rows; else scaled up from the first ones. */
    sizeBytes: z.int(),
    isExact: z.boolean(),
    /** Without the time for which a delivery waits for its turn. */
    seconds: z.number(),
    /** Deliveries of the tenant whose pace that is; 0: nothing is known, it is a guess. */
    measuredOn: z.int(),
    /** One request answers it, or it is brought as a delivery. */
    way: z.enum(['download', 'delivery']),
    /** Most rows of one request. */
    rowsMax: z.int(),
    receipt: z.string(),
    asOf: z.iso.datetime(),
    commit: z.int(),
    completeness: z.object({
      expected: z.int(),
      published: z.int(),
      missing: z.array(z.string()),
    }),
  }),
  async handler(input, { parts, caller, signal }) {
    const { format, cells } = input
    const subject = await subjectOf(parts, caller, input)
    const answer = await parts.answers.ask(caller, toQuestion(subject, input), signal)
    const rows = await answer.total(signal)
    const request = { limit: SAMPLE_ROWS, cursor: null, format, cells }
    const sample = await answer.page(request, signal)
    const pace = await parts.catalog.asTenant(caller.tenant, (session) =>
      deliveryPace(session, { most: DELIVERIES_LOOKED_AT }),
    )
    const isExact = sample.rows >= rows
    const sizeBytes = isExact
      ? sample.bytes.byteLength
      : Math.round((sample.bytes.byteLength / Math.max(1, sample.rows)) * rows)
    const own = subject.kind === 'endpoint' ? subject.version.definition.limits.rows : null
    const rowsMax = own ?? parts.limits.rowsMax
    const way: 'download' | 'delivery' = rows <= rowsMax ? 'download' : 'delivery'
    const { receipt, completeness } = answer
    return {
      rows,
      sizeBytes,
      isExact,
      seconds: secondsOf(sizeBytes, pace),
      measuredOn: pace.deliveries,
      way,
      rowsMax,
      receipt: receipt.id,
      asOf: receipt.asOf.toISOString(),
      commit: receipt.commitNumber,
      completeness: { ...completeness, missing: [...completeness.missing] },
    }
  },
})

/** To a tenth: more would be invented. */
function secondsOf(sizeBytes: number, { deliveries, bytes, seconds }: DeliveryPace): number {
  const known = deliveries > 0 && bytes > 0 && seconds > 0
  // Small files take the time that a start takes, and say nothing of the pace.
  const perSecond = known ? Math.max(bytes / seconds, BYTES_PER_SECOND / 4) : BYTES_PER_SECOND
  return Math.round((START_SECONDS + sizeBytes / perSecond) * 10) / 10
}
