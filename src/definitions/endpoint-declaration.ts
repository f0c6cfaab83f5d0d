import { z } from 'zod'

import { columnMeaning, columnName } from '#definitions/declaration-schema.ts'
import type { ColumnNote, ColumnType } from '#model/column.ts'

/** A published query as data: a `.ts` file in `endpoints/`, whose name is the endpoint's. */
export interface EndpointDeclaration {
  readonly description: string
  /** By name: `$month` in the SQL. */
  readonly parameters?: Readonly<Record<string, ParameterDeclaration>>
  /** Which partitions of a dataset are read, where not all of them are: `{ top_companies: '$month' }`. */
  readonly inputs?: Readonly<Record<string, string>>
  /** One SELECT over datasets of the pack. */
  readonly sql: string
  /** Columns that order the rows: `events desc, company`. */
  readonly order?: string
  /** What the columns of the result mean. */
  readonly columns?: Readonly<Record<string, Omit<ColumnNote, 'name'>>>
  readonly limits?: { readonly rows?: number; readonly seconds?: number; readonly bytes?: number }
  /** Leads from a row to the rows behind it; `$row_<column>` is the value of that row. */
  readonly drill?: { readonly sql: string; readonly inputs?: Readonly<Record<string, string>> }
}

export interface ParameterDeclaration {
  readonly type: ColumnType | 'period'
  readonly description: string
  /** `latest` for a period: the newest that is published. Without one the value has to be given. */
  readonly default?: string | number | boolean
  readonly choices?: readonly (string | number)[]
  readonly min?: string | number
  readonly max?: string | number
}

export function defineEndpoint(
  declaration: EndpointDeclaration,
): EndpointDeclaration & { readonly kind: 'endpoint' } {
  return { kind: 'endpoint', ...declaration }
}

const text = z.string().trim().min(1)
const value = z.union([z.string(), z.number()])
const inputs = z.record(z.string(), text).optional()

export const endpointSchema = z.strictObject({
  kind: z.literal('endpoint'),
  description: text,
  parameters: z
    .record(
      z.string(),
      z.strictObject({
        type: z.string(),
        description: text,
        default: z.union([value, z.boolean()]).optional(),
        choices: z.array(value).min(1).optional(),
        min: value.optional(),
        max: value.optional(),
      }),
    )
    .optional(),
  inputs,
  sql: text,
  order: text.optional(),
  columns: z
    .record(columnName, z.strictObject({ ...columnMeaning, type: columnMeaning.type.optional() }))
    .optional(),
  limits: z
    .strictObject({
      rows: z.int().positive().optional(),
      seconds: z.number().positive().optional(),
      bytes: z.int().positive().optional(),
    })
    .transform(({ rows = null, seconds = null, bytes = null }) => ({ rows, seconds, bytes }))
    .optional(),
  drill: z.strictObject({ sql: text, inputs }).optional(),
})
