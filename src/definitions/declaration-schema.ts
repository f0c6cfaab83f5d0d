import { z } from 'zod'

import { definitionError } from '#definitions/definition-error.ts'
import { columnTypes } from '#model/column.ts'
import { grains } from '#model/partition-key.ts'

/** Closed schemas of what modules declare: a key that nobody knows is an error, not a silence. */

const type = z.union([
  z.enum(Object.keys(columnTypes) as [keyof typeof columnTypes]),
  z.templateLiteral(['decimal(', z.int(), ',', z.int(), ')']),
])
const notation = z.string().trim().min(1)
const description = z.string().trim().min(1)
/** What is said about a column. */
export const columnMeaning = {
  type,
  role: z.enum(['time', 'dimension', 'measure']).optional(),
  unit: z.string().min(1).optional(),
  description: description.optional(),
  pii: z.boolean().optional(),
  subject: z
    .union([
      z.boolean(),
      z.string().regex(/^[a-z][a-z0-9_]{0,40}$/, 'a kind of subject is a short lower-case word'),
    ])
    .optional(),
}
export const columnName = z
  .string()
  .regex(/^[^_\s"][^\p{Cc}"]{0,62}$/u, 'names of columns do not begin with _ and hold no quotes')
const column = z.strictObject({
  ...columnMeaning,
  parse: z.enum(['python-list']).optional(),
  optional: z.boolean().optional(),
})
const columns = z.record(columnName, column)
const derived = z.record(columnName, z.strictObject({ ...columnMeaning, sql: notation })).optional()
const grain = z.enum(grains)
const format = z.union([
  z.enum(['csv', 'ndjson', 'json']),
  z.strictObject({
    kind: z.literal('json'),
    at: z
      .string()
      .regex(/^[^.\p{Cc}]{1,100}(\.[^.\p{Cc}]{1,100}){0,7}$/u, 'at names keys: rows, or data.rows'),
  }),
])

export const packSchema = z.strictObject({ name: z.string(), description })

export const sourceSchema = z.strictObject({
  kind: z.literal('source'),
  description,
  format,
  partition: notation,
  columns,
  derived,
  observes: z.strictObject({ column: z.string(), by: grain }).optional(),
  location: notation.optional(),
  append: z.strictObject({ by: notation.optional(), settle: notation.optional() }).optional(),
  freshness: notation.optional(),
  checks: z.array(notation).optional(),
})

export const referenceSchema = z.strictObject({
  kind: z.literal('reference'),
  description,
  location: notation.regex(
    /^\.\//,
    'the file of a reference table lies in the pack: begin with ./',
  ),
  columns,
  derived,
  checks: z.array(notation).optional(),
})

export const analysisSchema = z.strictObject({
  kind: z.literal('analysis'),
  description,
  partition: notation,
  inputs: z.record(z.string(), notation.nullable()),
  columns: z
    .record(columnName, z.strictObject({ ...columnMeaning, type: type.optional() }))
    .optional(),
  order: notation.optional(),
  freshness: notation.optional(),
  checks: z.array(notation).optional(),
  volatile: z.boolean().optional(),
  run: z.custom<(context: unknown) => unknown>(
    (value) => typeof value === 'function',
    'run is a function',
  ),
})

/** The declaration as typed data, or an error that names the first field that is wrong. */
export function parseDeclaration<Schema extends z.ZodType>(
  schema: Schema,
  declared: unknown,
  file: string,
  written: string,
): z.output<Schema> {
  const parsed = schema.safeParse(declared)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue?.path.map(String).join('.') ?? ''
  throw definitionError(
    { file },
    `${path === '' ? 'the default export' : path}: ${issue?.message ?? 'does not fit'}`,
    `Correct the field; the module's default export is ${written}.`,
  )
}
