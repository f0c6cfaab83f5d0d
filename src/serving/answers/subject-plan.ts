import { suggestion } from '#definitions/definition-error.ts'
import { spansOf } from '#definitions/sql-text.ts'
import type { QueryParameter, Readers } from '#engine/readers/query-job.ts'
import { identifier } from '#engine/sql-text.ts'
import { MillraceError } from '#kernel/errors.ts'
import { maySee, type Access } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { EndpointLimits, EndpointInput, EndpointParameter } from '#model/endpoint.ts'
import type { ResultColumn } from '#model/outcome.ts'
import { seenRows, type SeenRows } from '#model/seen-rows.ts'
import { authorOrder, statementOrder, type Order } from '#serving/answers/order.ts'
import {
  boundParameters,
  parameterValues,
  type ParameterValues,
} from '#serving/answers/parameters.ts'
import type { Asker, Subject } from '#serving/question.ts'
import type { QuestionData } from '#serving/receipt.ts'

/** A dataset that a subject reads. */
export interface WantedInput {
  readonly definition: DatasetDefinition
  /** In words of `parseSelection`, with `$name` for parameters; null: every published partition. */
  readonly partitions: string | null
}

/** What a subject is, before it is known what is published of it. */
export interface SubjectPlan {
  /** As messages name it: `endpoint top_users`. */
  readonly subject: string
  readonly inputs: readonly WantedInput[]
  /** One SELECT, to stand in parentheses. */
  readonly sql: string
  /** Of an endpoint, with their values; `latest` stands for itself. */
  readonly parameters: readonly EndpointParameter[]
  readonly values: ParameterValues
  /** Limits on the name of an endpoint itself. */
  readonly seen: SeenRows | null
  readonly limits: EndpointLimits
  readonly trust: 'company' | 'customer'
  /** Rows partition by partition, without a column for it where there is one only. */
  readonly isDataset: boolean
  bound(values: ParameterValues): Readonly<Record<string, QueryParameter>>
  order(columns: readonly ResultColumn[]): Order
  data(values: ParameterValues): QuestionData['subject']
}

interface PlanParts {
  readonly readers: Pick<Readers, 'parse'>
  readonly datasets: readonly DatasetDefinition[]
}

const noLimits: EndpointLimits = { rows: null, seconds: null, bytes: null }

export async function planSubject(
  parts: PlanParts,
  { tenant, access }: Asker,
  subject: Subject,
  signal: AbortSignal | undefined,
): Promise<SubjectPlan> {
  switch (subject.kind) {
    case 'dataset':
      return datasetPlan(subject, access)
    case 'endpoint':
      return endpointPlan(parts, subject, access)
    case 'sql': {
      const query = { tenantId: tenant.id, sql: subject.text, trust: subject.trust }
      const { tables } = await parts.readers.parse(query, { signal })
      return sqlPlan(parts, subject, access, tables)
    }
  }
}

function datasetPlan(
  { definition, partitions }: Extract<Subject, { kind: 'dataset' }>,
  access: Access,
): SubjectPlan {
  const { name } = definition
  const own = definition.kind === 'analysis' ? (definition.order ?? null) : null
  const selection = partitions === null ? null : partitions.join(',')
  const someHidden = seenRows(access, name)?.columns != null
  return {
    subject: name,
    inputs: [{ definition, partitions: selection }],
    sql: `SELECT * FROM ${identifier(name)}`,
    parameters: [],
    values: {},
    seen: null,
    limits: noLimits,
    trust: 'company',
    isDataset: true,
    bound: () => ({}),
    order: (columns) => {
      const first = columns.some((column) => column.name === 'partition') ? ['partition'] : []
      return own === null ? { kind: 'natural' } : authorOrder(own, columns, { first, someHidden })
    },
    data: () => ({ kind: 'dataset', dataset: name, partitions: selection }),
  }
}

function endpointPlan(
  { datasets }: PlanParts,
  { version, parameters: given }: Extract<Subject, { kind: 'endpoint' }>,
  access: Access,
): SubjectPlan {
  const { definition, number } = version
  const { name, parameters, order, codeVersion } = definition
  const subject = `endpoint ${name}`
  const sql = bareStatement(definition.text)
  const seen = seenRows(access, name)
  return {
    subject,
    inputs: definition.inputs.map((input) => wanted(datasets, input)),
    sql,
    parameters,
    values: parameterValues(subject, parameters, given),
    seen,
    limits: definition.limits,
    trust: 'company',
    isDataset: false,
    bound: (values) => boundParameters(parameters, values),
    order: (columns) =>
      order === null
        ? statementOrder(sql, columns)
        : authorOrder(order, columns, { first: [], someHidden: seen?.columns != null }),
    data: (values) => ({
      kind: 'endpoint',
      endpoint: name,
      version: number,
      codeVersion,
      parameters: values,
    }),
  }
}

function sqlPlan(
  { datasets }: PlanParts,
  { text, trust, parameters, inputs = [], declared = [] }: Extract<Subject, { kind: 'sql' }>,
  access: Access,
  tables: readonly string[],
): SubjectPlan {
  const sql = bareStatement(text)
  const visible = datasets.filter(({ name }) => maySee(access, name))
  const values = Object.fromEntries(
    Object.entries(parameters).flatMap(([name, { value }]) =>
      value === null ? [] : [[name, value]],
    ),
  )
  return {
    subject: 'the query',
    inputs: tables.map((table) => {
      const named = inputs.find(({ dataset }) => dataset === table.toLowerCase())
      return wanted(visible, {
        dataset: table.toLowerCase(),
        partitions: named?.partitions ?? null,
      })
    }),
    sql,
    parameters: declared,
    values,
    seen: null,
    limits: noLimits,
    trust,
    isDataset: false,
    bound: (own) => ({ ...parameters, ...boundParameters(declared, own) }),
    order: (columns) => statementOrder(sql, columns),
    data: (own) => ({
      kind: 'sql',
      text,
      parameters: { ...parameters, ...textParameters(declared, own) },
    }),
  }
}

function wanted(
  datasets: readonly DatasetDefinition[],
  { dataset, partitions }: EndpointInput,
): WantedInput {
  const definition = datasets.find(({ name }) => name.toLowerCase() === dataset)
  if (definition) return { definition, partitions }
  const known = datasets.map(({ name }) => name)
  throw new MillraceError('dataset-unknown', {
    dataset,
    known,
    suggestion: suggestion(dataset, known),
  })
}

function textParameters(declared: readonly EndpointParameter[], values: ParameterValues) {
  return Object.fromEntries(
    Object.entries(boundParameters(declared, values)).map(([name, { type }]) => [
      name,
      { type, value: values[name] ?? null },
    ]),
  )
}

/** The text without what stands behind its end: semicolons and comments. */
function bareStatement(sql: string): string {
  let end = 0
  for (const { kind, start, end: until } of spansOf(sql)) {
    if (kind === 'comment') continue
    const part = sql.slice(start, until)
    const said = kind === 'code' ? part.replace(/[;\s]+$/, '') : part
    if (said !== '') end = start + said.length
  }
  return sql.slice(0, end)
}
