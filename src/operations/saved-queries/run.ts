import { z } from 'zod'

import { getSavedQuery } from '#catalog/saved-queries.ts'
import { sendAnswer } from '#operations/endpoints/send-answer.ts'
import { defineOperation } from '#operations/operation.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import { savedQueryNameField } from '#operations/saved-queries/saved-query-data.ts'
import { boundParameters, parameterValues } from '#serving/answers/parameters.ts'
import { rowFormats } from '#model/row-format.ts'

/** `as_of` is another way to write the field `asOf`; no parameter has that name. */
const AS_OF = 'as_of'

export const runSavedQuery = defineOperation({
  name: 'saved-queries.run',
  summary: 'Rows of a saved query with these values for its parameters',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/saved-queries/{name}/rows',
    gathers: { where: 'where.', parameters: '' },
    formatSuffix: true,
  },
  input: z.strictObject({
    name: savedQueryNameField,
    parameters: z
      .record(z.string().min(1).max(100), z.string().max(10_000))
      .optional()
      .describe("Values of the query's own parameters: `month=2021-04`."),
    ...questionFields,
    limit: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Rows of a page; without it and `cursor`, all rows are answered or delivered.'),
    format: z
      .enum(rowFormats)
      .default('json')
      .describe(
        'Form of the rows; over REST the Accept header or the end of the address may say it.',
      ),
  }),
  output: 'stream',
  async handler(input, context) {
    const { parts, caller, signal } = context
    const { name, format, cells, cursor = null, limit = null } = input
    const { [AS_OF]: asOf = input.asOf, ...given } = input.parameters ?? {}
    const query = await parts.catalog.asTenant(caller.tenant, (session) =>
      getSavedQuery(session, name),
    )
    const values = parameterValues(`saved query ${name}`, query.parameters, given)
    const subject = {
      kind: 'sql',
      text: query.sql,
      trust: query.trust,
      parameters: Object.fromEntries(
        Object.entries(boundParameters(query.parameters, values)).map(([own, { type }]) => [
          own,
          { type, value: values[own] ?? null },
        ]),
      ),
      inputs: query.inputs,
      declared: query.parameters,
    } as const
    const question = toQuestion(subject, { ...input, asOf })
    const answer =
      cursor === null
        ? await parts.answers.ask(caller, question, signal)
        : await parts.answers.resume(caller, question, cursor, signal)
    return sendAnswer(context, {
      question,
      answer,
      title: name,
      format,
      cells,
      limit,
      cursor,
      headers: {},
    })
  },
})
