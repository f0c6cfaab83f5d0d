import { z } from 'zod'

import type { SavedQuery } from '#catalog/saved-queries.ts'
import { parameterProblem, parametersIn } from '#model/endpoint-parameter.ts'
import type { EndpointParameter } from '#model/endpoint.ts'
import type { Caller, OperationContext } from '#operations/operation.ts'
import {
  invalidInput,
  isParameterType,
  parameterTypes,
  partitionedField,
  sqlField,
  toInputs,
  trustOf,
} from '#operations/queries/query-input.ts'

export const savedQueryNameField = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,79}$/, 'must be lower-case letters, digits, "-" and "_"')
  .meta({ names: 'saved-query' })
  .describe('Name of the saved query.')

export const newSavedQueryNameField = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,79}$/, 'must be lower-case letters, digits, "-" and "_"')
  .describe('Name of the saved query: lower-case letters, digits, "-" and "_".')

const value = z.string().max(1000)

const parameter = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,59}$/, 'must be lower-case letters, digits and "_"')
    .describe('`$name` in the SQL.'),
  type: z
    .string()
    .refine((type) => type === 'period' || isParameterType(type), {
      error: `is none of ${parameterTypes}, period`,
    })
    .describe('Type of its values; `period` is the name of a partition such as 2021-04.'),
  description: z.string().max(500).default('').describe('What it means.'),
  default: value
    .nullable()
    .default(null)
    .describe('Value where none is given; null: one must be. `latest`: the newest period.'),
  choices: z.array(value).min(1).max(200).nullable().default(null).describe('The values allowed.'),
  min: value.nullable().default(null).describe('Smallest value.'),
  max: value.nullable().default(null).describe('Largest value.'),
})

export const savedQueryFields = {
  sql: sqlField,
  description: z.string().max(2000).default('').describe('What it answers, for those who run it.'),
  parameters: z
    .array(parameter)
    .max(50)
    .default([])
    .describe('Its parameters: name, type, description, default, choices, min, max.'),
  partitions: partitionedField.default({}),
}

export const savedQueryData = z
  .object({
    name: z.string(),
    description: z.string(),
    sql: z.string(),
    parameters: z.array(
      z.object({
        name: z.string(),
        type: z.string(),
        description: z.string(),
        default: z.string().nullable(),
        choices: z.array(z.string()).nullable(),
        min: z.string().nullable(),
        max: z.string().nullable(),
      }),
    ),
    /** Which partitions of its datasets are read; of others, all. */
    partitions: z.record(z.string(), z.string()),
    /** `customer`: it runs in the jail for SQL of customers. */
    trust: z.enum(['company', 'customer']),
    createdBy: z.string(),
    createdAt: z.iso.datetime(),
    changedBy: z.string(),
    changedAt: z.iso.datetime(),
  })
  .meta({ entity: 'SavedQuery' })

export function toSavedQueryData(query: SavedQuery): z.input<typeof savedQueryData> {
  const { inputs, parameters, createdAt, changedAt, ...rest } = query
  return {
    ...rest,
    parameters: parameters.map(({ choices, ...one }) => ({
      ...one,
      choices: choices === null ? null : [...choices],
    })),
    partitions: Object.fromEntries(inputs.map((one) => [one.dataset, one.partitions ?? ''])),
    createdAt: createdAt.toISOString(),
    changedAt: changedAt.toISOString(),
  }
}

interface Written {
  readonly sql: string
  readonly parameters: readonly EndpointParameter[]
  readonly partitions: Readonly<Record<string, string>>
}

/**
 * What is stored of it: parsed, with parameters that fit the text and values that their types can
 * read. Throws `query-invalid`, `input-invalid`.
 */
export async function checkedQuery(
  { sql, parameters, partitions }: Written,
  { parts, caller, signal }: OperationContext<Caller>,
): Promise<Pick<SavedQuery, 'sql' | 'parameters' | 'inputs' | 'trust'>> {
  const trust = trustOf(caller)
  const inputs = toInputs(partitions)
  parameters.forEach((one, at) => assertValues(one, at))
  const names = parameters.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalidInput('parameters', `names "${twice}" twice`)
  const parsed = await parts.readers.parse({ tenantId: caller.tenant.id, sql, trust }, { signal })
  const used = [...parsed.parameters, ...Object.values(partitions).flatMap(parametersIn)]
  const unknown = used.find((name) => !names.includes(name))
  if (unknown !== undefined)
    throw invalidInput('parameters', `lack "${unknown}", which the SQL uses`)
  const idle = names.find((name) => !used.includes(name))
  if (idle !== undefined)
    throw invalidInput('parameters', `name "${idle}", which the SQL does not use`)
  return { sql, parameters, inputs, trust }
}

function assertValues(one: EndpointParameter, at: number): void {
  const limits = { ...one, choices: null, min: null, max: null }
  for (const field of ['min', 'max', 'default', 'choices'] as const) {
    for (const text of [one[field] ?? []].flat()) {
      const problem = parameterProblem(field === 'default' ? one : limits, text)
      if (problem !== null) {
        throw invalidInput(`parameters.${at}.${field}`, `cannot be "${text}": ${problem}`)
      }
    }
  }
}
