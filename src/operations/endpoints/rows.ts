import { z } from 'zod'

import { isLimited } from '#model/access.ts'
import { countRequest } from '#operations/endpoints/count-request.ts'
import { endpointField, versionField } from '#operations/endpoints/endpoint-data.ts'
import { sendAnswer } from '#operations/endpoints/send-answer.ts'
import { visibleEndpoint } from '#operations/endpoints/visible-endpoint.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import { versionHeaders } from '#serving/endpoint-headers.ts'
import { rowFormats } from '#model/row-format.ts'

/** `as_of` is another way to write the field `asOf`; no parameter has that name. */
const AS_OF = 'as_of'

export const endpointRows = defineOperation({
  name: 'endpoints.rows',
  summary: 'Rows of an endpoint, as far as one request may answer them; more become a delivery',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/endpoints/{endpoint}/rows',
    gathers: { where: 'where.', parameters: '' },
    formatSuffix: true,
  },
  input: z.strictObject({
    endpoint: endpointField,
    parameters: z
      .record(z.string().min(1).max(100), z.string().max(10_000))
      .optional()
      .describe("Values of the endpoint's own parameters: `month=2021-04`."),
    ...questionFields,
    limit: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Rows of a page; without it and `cursor`, all rows are answered or delivered.'),
    version: versionField.optional(),
    format: z
      .enum(rowFormats)
      .default('json')
      .describe(
        'Form of the rows; over REST the Accept header or the end of the address may say it.',
      ),
  }),
  output: 'stream',
  handler(input, context) {
    const { parts, caller, signal } = context
    return countRequest(context, async (known) => {
      const { format, cells, cursor = null, limit = null } = input
      const { [AS_OF]: asOf = input.asOf, ...parameters } = input.parameters ?? {}
      const found = await visibleEndpoint(parts, caller, input.endpoint, input.version ?? null)
      known(found)
      const subject = { kind: 'endpoint', version: found, parameters } as const
      const question = toQuestion(subject, { ...input, asOf })
      const answer =
        cursor === null
          ? await parts.answers.ask(caller, question, signal)
          : await parts.answers.resume(caller, question, cursor, signal)
      if (question.select === null && !isLimited(caller.access)) {
        void parts.endpoints.noteColumns(found, answer.columns)
      }
      return sendAnswer(context, {
        question,
        answer,
        title: input.endpoint,
        format,
        cells,
        limit,
        cursor,
        headers: versionHeaders(found),
      })
    })
  },
})
