import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { columnTypes, engineType, type ColumnType } from '#model/column.ts'
import { parameterProblem } from '#model/endpoint-parameter.ts'
import type { EndpointInput } from '#model/endpoint.ts'
import type { Caller } from '#operations/operation.ts'

export const sqlField = z
  .string()
  .min(1)
  .max(100_000)
  .describe("One SELECT over datasets by their names, in DuckDB's SQL; `$name` for parameters.")

export const partitionedField = z
  .record(z.string().min(1).max(100), z.string().min(1).max(1000))
  .describe(
    'Partitions of a dataset that are read: {"orders": "2021-04..2021-06"}; of others, all.',
  )

/** SQL of the company's own people runs in a process of its own; that of everybody else in the jail. */
export function trustOf({ permissions }: Pick<Caller, 'permissions'>): 'company' | 'customer' {
  return permissions.has('operator') ? 'company' : 'customer'
}

const written = z.union([z.string().max(10_000), z.number(), z.boolean(), z.null()])

export const queryParametersField = z
  .record(
    z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,59}$/, 'must be a name of letters, digits and "_"'),
    z.union([
      written,
      z.strictObject({ type: z.string().max(40), value: z.string().max(10_000).nullable() }),
    ]),
  )
  .describe(
    'Values for each `$name`: texts, numbers, true or false, or {"type": "decimal(18,2)", "value": "1.50"}.',
  )

/** As the engine binds them. Throws `input-invalid` for a type that there is not, or a value that it cannot read. */
export function toSqlParameters(
  given: z.output<typeof queryParametersField>,
): Readonly<Record<string, { readonly type: string; readonly value: string | null }>> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (value === null || typeof value === 'string') return [name, { type: 'VARCHAR', value }]
      if (typeof value === 'boolean') return [name, { type: 'BOOLEAN', value: String(value) }]
      if (typeof value === 'number') {
        const type = Number.isSafeInteger(value) ? 'BIGINT' : 'DOUBLE'
        return [name, { type, value: String(value) }]
      }
      const path = `parameters.${name}`
      if (!isParameterType(value.type)) {
        throw invalidInput(path, `has the type "${value.type}", which is none of ${parameterTypes}`)
      }
      const limits = { type: value.type, choices: null, min: null, max: null }
      const problem = value.value === null ? null : parameterProblem(limits, value.value)
      if (problem !== null) throw invalidInput(path, `cannot be "${value.value}": ${problem}`)
      return [name, { type: engineType(value.type), value: value.value }]
    }),
  )
}

const plainTypes = Object.keys(columnTypes).filter((type) => type !== 'text[]')
export const parameterTypes = `${plainTypes.join(', ')}, decimal(18,2)`

export function isParameterType(type: string): type is ColumnType {
  const [, width, scale] = /^decimal\((\d{1,2}),(\d{1,2})\)$/.exec(type) ?? []
  if (width === undefined) return plainTypes.includes(type)
  return Number(width) >= 1 && Number(width) <= 38 && Number(scale) <= Number(width)
}

export function toInputs(partitions: Readonly<Record<string, string>>): EndpointInput[] {
  return Object.entries(partitions).map(([dataset, selection]) => ({
    dataset: dataset.toLowerCase(),
    partitions: selection,
  }))
}

export function invalidInput(path: string, message: string): MillraceError {
  return new MillraceError('input-invalid', { path, message, problems: [`${path}: ${message}`] })
}
