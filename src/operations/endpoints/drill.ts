import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { maySee } from '#model/access.ts'
import { engineType } from '#model/column.ts'
import { fillSelector, parametersIn } from '#model/endpoint-parameter.ts'
import type { EndpointDefinition, EndpointVersion } from '#model/endpoint.ts'
import { endpointField, versionField } from '#operations/endpoints/endpoint-data.ts'
import { sendAnswer } from '#operations/endpoints/send-answer.ts'
import { visibleEndpoint } from '#operations/endpoints/visible-endpoint.ts'
import { defineOperation, type OperationContext } from '#operations/operation.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import type { Answer } from '#serving/answer.ts'
import { versionHeaders } from '#serving/endpoint-headers.ts'
import { rowFormats } from '#model/row-format.ts'
import type { Subject } from '#serving/question.ts'

const AS_OF = 'as_of'
const ROW = 'row_'

export const drillEndpoint = defineOperation({
  name: 'endpoints.drill',
  summary: 'The rows behind one row of an endpoint',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/endpoints/{endpoint}/drill',
    gathers: { row: 'row.', where: 'where.', parameters: '' },
    formatSuffix: true,
  },
  input: z.strictObject({
    endpoint: endpointField,
    row: z
      .record(z.string().min(1).max(200), z.string().max(10_000))
      .optional()
      .describe('Values of the row, by column: `row.company=acme.com`.'),
    parameters: z
      .record(z.string().min(1).max(100), z.string().max(10_000))
      .optional()
      .describe("Values of the endpoint's own parameters, as the row was asked with."),
    ...questionFields,
    limit: z.int().min(1).max(1000).optional().describe('Rows of a page; default: all rows.'),
    version: versionField.optional(),
    format: z.enum(rowFormats).default('json').describe('Form of the rows.'),
  }),
  output: 'stream',
  async handler(input, context) {
    const { parts, caller, signal } = context
    const { [AS_OF]: asOf = input.asOf, ...parameters } = input.parameters ?? {}
    const found = await visibleEndpoint(parts, caller, input.endpoint, input.version ?? null)
    const drill = drillOf(found, context)
    const row = rowValues(found, drill, input.row ?? {})
    const state = toQuestion({ kind: 'endpoint', version: found, parameters }, { asOf })
    const origin = await parts.answers.ask(caller, state, signal)
    await requireRow(context, { ...state, where: conditionsOf(row) }, found)
    const subject = drillSubject(found, drill, row, origin)
    const question = toQuestion(subject, { ...input, asOf })
    const { cursor = null, limit = null, format, cells } = input
    const answer =
      cursor === null
        ? await parts.answers.ask(caller, question, signal)
        : await parts.answers.resume(caller, question, cursor, signal)
    const title = `${input.endpoint}-drill`
    const headers = versionHeaders(found)
    return sendAnswer(context, { question, answer, title, format, cells, limit, cursor, headers })
  },
})

type Drill = NonNullable<EndpointDefinition['drill']>
type Row = Readonly<Record<string, string>>

/** Whoever may not see what it reads finds none. */
function drillOf({ definition }: EndpointVersion, { caller }: OperationContext): Drill {
  const { name, drill, inputs } = definition
  const isSeen = ({ dataset }: { readonly dataset: string }) => maySee(caller.access, dataset)
  if (drill?.inputs.every(isSeen)) return drill
  const seen = inputs.filter(isSeen).map(({ dataset }) => dataset)
  throw new MillraceError('endpoint-drill-missing', {
    endpoint: name,
    inputs: seen.join(', ') || 'none that you may ask',
  })
}

/** Names of parameters in the statement itself. */
function usedIn({ text }: Drill): Set<string> {
  return new Set(parametersIn(text))
}

/** The columns that lead on, with the values that were sent; no others. */
function rowValues({ definition }: EndpointVersion, drill: Drill, given: Row): Row {
  const used = [
    ...usedIn(drill),
    ...drill.inputs.flatMap((one) => parametersIn(one.partitions ?? '')),
  ]
  const columns = [
    ...new Set(used.filter((name) => name.startsWith(ROW)).map((name) => name.slice(ROW.length))),
  ].toSorted()
  const missing = columns.filter((column) => !Object.hasOwn(given, column))
  if (missing.length > 0) {
    throw rowError(definition.name, columns, `${missing.join(', ')} was not sent`)
  }
  return Object.fromEntries(columns.map((column) => [column, given[column] ?? '']))
}

function rowError(endpoint: string, columns: readonly string[], problem: string): MillraceError {
  const [example = 'column'] = columns
  return new MillraceError('endpoint-drill-row', {
    endpoint,
    columns: columns.join(', ') || 'no column',
    problem,
    example,
  })
}

function conditionsOf(row: Row) {
  return Object.entries(row).map(([column, value]) => ({ column, op: 'eq', value }) as const)
}

/** Nobody is led on from a row that the endpoint does not show. */
async function requireRow(
  { parts, caller, signal }: OperationContext,
  question: Parameters<typeof parts.answers.ask>[1],
  { definition }: EndpointVersion,
): Promise<void> {
  const answer = await parts.answers.ask(caller, question, signal)
  if ((await answer.rows(signal)) !== 0) return
  const columns = question.where.map(({ column }) => column)
  throw rowError(definition.name, columns, 'the endpoint shows no row with these values')
}

/** The drill query with the values of the row, and those that the endpoint's parameters came to. */
function drillSubject(
  { definition }: EndpointVersion,
  drill: Drill,
  row: Row,
  { receipt, columns }: Answer,
): Subject {
  const asked = receipt.question.subject
  const own = asked.kind === 'endpoint' ? asked.parameters : {}
  const values = new Map<string, { type: string; value: string }>()
  for (const { name, type } of definition.parameters) {
    const bound = type === 'period' ? 'VARCHAR' : engineType(type)
    values.set(name, { type: bound, value: own[name] ?? '' })
  }
  for (const [name, value] of Object.entries(row)) {
    const type = columns.find((column) => column.name === name)?.type ?? 'VARCHAR'
    values.set(`${ROW}${name}`, { type, value })
  }
  const used = usedIn(drill)
  return {
    kind: 'sql',
    text: drill.text,
    trust: 'company',
    parameters: Object.fromEntries([...values].filter(([name]) => used.has(name))),
    inputs: drill.inputs.map(({ dataset, partitions }) => ({
      dataset,
      partitions: partitions && fillSelector(partitions, (name) => values.get(name)?.value),
    })),
  }
}
