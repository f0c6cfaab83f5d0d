import { z } from 'zod'

import { sendAnswer } from '#operations/endpoints/send-answer.ts'
import { defineOperation } from '#operations/operation.ts'
import {
  partitionedField,
  queryParametersField,
  sqlField,
  toInputs,
  toSqlParameters,
  trustOf,
} from '#operations/queries/query-input.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import { rowFormats } from '#model/row-format.ts'

export const runQuery = defineOperation({
  name: 'queries.run',
  summary:
    'Rows of one SELECT over published datasets; more than one request may answer are delivered',
  permission: 'run',
  honoursAccess: true,
  // Its trace is the receipt.
  audit: 'none',
  rest: { method: 'POST', path: '/v1/query', gathers: { where: 'where.' } },
  argumentFields: ['sql'],
  input: z.strictObject({
    sql: sqlField,
    parameters: queryParametersField.default({}),
    partitions: partitionedField.default({}),
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
      .describe('Form of the rows; over REST the Accept header may say it, too.'),
  }),
  output: 'stream',
  async handler(input, context) {
    const { parts, caller, signal } = context
    const { format, cells, cursor = null, limit = null } = input
    const subject = {
      kind: 'sql',
      text: input.sql,
      trust: trustOf(caller),
      parameters: toSqlParameters(input.parameters),
      inputs: toInputs(input.partitions),
    } as const
    const question = toQuestion(subject, input)
    const answer =
      cursor === null
        ? await parts.answers.ask(caller, question, signal)
        : await parts.answers.resume(caller, question, cursor, signal)
    return sendAnswer(context, {
      question,
      answer,
      title: 'query',
      format,
      cells,
      limit,
      cursor,
      headers: {},
    })
  },
})
