import { z } from 'zod'

import { MillraceError } from '#kernel/errors.ts'
import { maySee, type Access, type RowFilter } from '#model/access.ts'
import { beyond } from '#model/access-beyond.ts'
import { filterProblem } from '#model/row-filter.ts'
import { engineType } from '#model/column.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { EndpointVersion } from '#model/endpoint.ts'
import type { Caller } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'

const name = z.string().min(1).max(200)
const filter = z.strictObject({
  column: name,
  op: z.enum(['eq', 'ne', 'lt', 'le', 'gt', 'ge', 'in']),
  value: z.union([z.string().max(1000), z.array(z.string().max(1000)).min(1).max(1000)]),
})

/** Fields of an input that limit what of the published data is seen. */
export const accessFields = {
  endpoints: z
    .array(name.meta({ names: 'dataset' }))
    .max(1000)
    .optional()
    .describe('Datasets and endpoints that are seen; default: all. None: no data at all.'),
  columns: z
    .record(name, z.array(name).min(1).max(1000))
    .default({})
    .describe('Columns that are seen, by dataset: `{"events": ["id", "country"]}`; default: all.'),
  rows: z
    .record(name, z.array(filter).min(1).max(50))
    .default({})
    .describe(
      'Rows that are seen, by dataset; conditions of one hold together: `{"events": [{"column": "country", "op": "eq", "value": "CH"}]}`. Ops: eq, ne, lt, le, gt, ge, in (a list). A row without a value meets no condition.',
    ),
}

/** The same fields as answers show them; `endpoints` is null where all are seen. */
export const accessData = z.object({
  endpoints: z.array(z.string()).nullable(),
  columns: z.record(z.string(), z.array(z.string())),
  rows: z.record(
    z.string(),
    z.array(
      z.object({
        column: z.string(),
        op: z.string(),
        value: z.union([z.string(), z.array(z.string())]),
      }),
    ),
  ),
})

export function toAccessData({ endpoints, columns, rows }: Access): z.input<typeof accessData> {
  return {
    endpoints: endpoints && [...endpoints],
    columns: mapValues(columns, (names) => [...names]),
    rows: mapValues(rows, (filters) =>
      filters.map(({ column, op, value }) => ({
        column,
        op,
        value: typeof value === 'string' ? value : [...value],
      })),
    ),
  }
}

/**
 * The access that these fields give. Datasets, endpoints and, where they are known, columns and types
 * must be there, for a limit to a misspelled name would limit nothing. Throws `access-invalid`, and
 * `access-beyond` where the caller sees less.
 */
export async function accessOf(
  parts: Pick<Parts, 'factory' | 'endpoints'>,
  caller: Caller,
  fields: {
    readonly endpoints?: readonly string[] | undefined
    readonly columns: Readonly<Record<string, readonly string[]>>
    readonly rows: Readonly<Record<string, readonly RowFilter[]>>
  },
): Promise<Access> {
  const access: Access = {
    endpoints: fields.endpoints ? [...new Set(fields.endpoints)] : null,
    columns: fields.columns,
    rows: fields.rows,
  }
  const seen = await columnsByName(parts, caller)
  const columnsOf = (path: string, name: string): Columns => {
    const columns = seen.get(name)
    if (columns !== undefined) return columns
    const message = `there is no dataset "${name}", and no endpoint`
    throw new MillraceError('access-invalid', { path, message })
  }
  for (const name of access.endpoints ?? []) columnsOf('endpoints', name)
  for (const [name, columns] of Object.entries(access.columns)) {
    const known = columnsOf('columns', name)
    for (const column of columns) assertColumn('columns', name, column, known)
  }
  for (const [name, filters] of Object.entries(access.rows)) {
    const known = columnsOf('rows', name)
    for (const condition of filters) {
      assertColumn('rows', name, condition.column, known)
      const message = filterProblem(condition, known?.get(condition.column) ?? null)
      if (message !== null) throw new MillraceError('access-invalid', { path: 'rows', message })
    }
  }
  const dataset = beyond(access, caller.access)
  if (dataset !== null) throw new MillraceError('access-beyond', { dataset, caller: caller.name })
  return access
}

/** Engine types by column, null for one that is not known; null: the columns are not known either. */
type Columns = ReadonlyMap<string, string | null> | null

/** Of every dataset and endpoint that the caller may see. */
async function columnsByName(
  { factory, endpoints }: Pick<Parts, 'factory' | 'endpoints'>,
  { tenant, access }: Caller,
): Promise<ReadonlyMap<string, Columns>> {
  const versions = await endpoints.list(tenant)
  const all: (readonly [string, Columns])[] = [
    ...versions.map(
      ({ definition, columns }) => [definition.name, resultColumns(columns)] as const,
    ),
    ...factory.datasets.map((definition) => [definition.name, knownColumns(definition)] as const),
  ]
  return new Map(all.filter(([name]) => maySee(access, name)))
}

function resultColumns(columns: EndpointVersion['columns']): Columns {
  return columns && new Map(columns.map(({ name, type }) => [name, type]))
}

/** With the key that it is cut by; null for an analysis, whose columns come from its SQL. */
function knownColumns(definition: DatasetDefinition): Columns {
  if (definition.kind === 'analysis') return null
  const columns = [...definition.columns, ...definition.derived]
  const { key } = definition.partitioning
  return new Map([
    ...(key ? ([[key.name, 'VARCHAR']] as const) : []),
    ...columns.map((column) => [column.name, engineType(column.type)] as const),
  ])
}

function assertColumn(path: string, dataset: string, column: string, known: Columns): void {
  if (known === null || known.has(column)) return
  const message = `${dataset} has no column "${column}"`
  throw new MillraceError('access-invalid', { path, message })
}

function mapValues<A, B>(
  values: Readonly<Record<string, A>>,
  map: (value: A) => B,
): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, map(value)]))
}
