import { z } from 'zod'

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
import { explainQuery } from '#serving/explain-query.ts'

export const explainQueryOperation = defineOperation({
  name: 'queries.explain',
  summary: 'What a SELECT would read and how, without running it',
  permission: 'run',
  honoursAccess: true,
  audit: 'none',
  rest: { method: 'POST', path: '/v1/query/explain' },
  argumentFields: ['sql'],
  input: z.strictObject({
    sql: sqlField,
    parameters: queryParametersField.default({}),
    partitions: partitionedField.default({}),
    asOf: questionFields.asOf,
  }),
  output: z.object({
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    datasets: z.array(
      z.object({
        dataset: z.string(),
        /** First and last partition that is read, and how many. */
        first: z.string(),
        last: z.string(),
        partitions: z.int(),
        files: z.int(),
        rows: z.number(),
        /** Of the files; columns that the SELECT does not name are not read. */
        bytes: z.number(),
      }),
    ),
    rows: z.number(),
    bytes: z.number(),
    /** The engine's plan, line by line. */
    plan: z.array(z.string()),
  }),
  async handler(input, { parts, caller, signal }) {
    const subject = {
      kind: 'sql',
      text: input.sql,
      trust: trustOf(caller),
      parameters: toSqlParameters(input.parameters),
      inputs: toInputs(input.partitions),
    } as const
    const { plan, ...forecast } = await explainQuery(
      parts,
      caller,
      toQuestion(subject, input),
      signal,
    )
    return { ...forecast, plan: plan.split('\n').filter((line) => line.trim() !== '') }
  },
})
