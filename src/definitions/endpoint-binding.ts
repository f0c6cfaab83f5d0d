import { definitionError, suggestion, type Place } from '#definitions/definition-error.ts'
import type { CodeVersions } from '#definitions/code-versions.ts'
import type { DescribeSql, DescribedTable, SqlColumn } from '#definitions/duckdb-parser.ts'
import { ROW_PREFIX } from '#definitions/endpoint-notation.ts'
import type { EndpointDraft, EndpointStatement } from '#definitions/endpoint.ts'
import { spansOf } from '#definitions/sql-text.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import { engineType } from '#model/column.ts'
import type { AnalysisDefinition, DatasetDefinition } from '#model/definition.ts'
import type { EndpointDefinition, EndpointInput } from '#model/endpoint.ts'

const partitionColumn: SqlColumn = { name: 'partition', type: 'VARCHAR' }
const thisPartition: DescribedTable = {
  name: 'this_partition',
  columns: [
    { name: 'key', type: 'VARCHAR' },
    { name: 'starts_at', type: 'TIMESTAMP' },
    { name: 'ends_at', type: 'TIMESTAMP' },
  ],
}

/**
 * Checks endpoints against the columns that their datasets will have, as far as they can be told
 * before anything has run: of sources, and of SQL over them. What a `.ts` analysis gives is known
 * where it declares the types of all of its columns.
 */
export async function bindEndpoints(
  endpoints: readonly { readonly draft: EndpointDraft; readonly definition: EndpointDefinition }[],
  datasets: readonly DatasetDefinition[],
  deps: { readonly describeSql: DescribeSql; readonly codeVersions: CodeVersions },
): Promise<void> {
  const codes = datasets.map(({ name, codeVersion }) => [name, codeVersion])
  const columns = new Map<string, Promise<readonly SqlColumn[] | null>>()
  const columnsOf = (name: string): Promise<readonly SqlColumn[] | null> => {
    const known = columns.get(name)
    if (known) return known
    const dataset = datasets.find((one) => one.name === name)
    const found = dataset ? datasetColumns(dataset, columnsOf, deps.describeSql) : null
    const promise = Promise.resolve(found)
    columns.set(name, promise)
    return promise
  }
  for (const { draft, definition } of endpoints) {
    const { codeVersion, columns: notes } = definition
    const identity = sha256(canonicalJson(['endpoint binds', codeVersion, notes, codes]))
    if (await deps.codeVersions.get(identity)) continue
    await bindEndpoint(draft, definition, columnsOf, deps.describeSql)
    await deps.codeVersions.put(identity, { codeVersion, reads: [] })
  }
}

type ColumnsOf = (name: string) => Promise<readonly SqlColumn[] | null>

async function bindEndpoint(
  draft: EndpointDraft,
  definition: EndpointDefinition,
  columnsOf: ColumnsOf,
  describeSql: DescribeSql,
): Promise<void> {
  const types = new Map(
    definition.parameters.map(({ name, type }) => [
      name,
      type === 'period' ? 'VARCHAR' : engineType(type),
    ]),
  )
  const result = await bind(draft.main, definition.inputs, types, columnsOf, describeSql)
  if (result === null) return
  const names = result.map(({ name }) => name.toLowerCase())
  const { place } = draft.main
  for (const name of draft.columns.map((note) => note.name.toLowerCase())) {
    if (!names.includes(name)) throw noColumn(name, 'column', names, place)
  }
  for (const item of draft.order?.split(', ') ?? []) {
    const name =
      (/^"((?:[^"]|"")+)"/.exec(item)?.[1]?.replaceAll('""', '"') ?? item.split(' ')[0]) || ''
    if (!names.includes(name.toLowerCase())) throw noColumn(name, 'order', names, place)
  }
  if (!draft.drill || !definition.drill) return
  for (const { name, type } of result) types.set(`${ROW_PREFIX}${name.toLowerCase()}`, type)
  for (const [, name = ''] of draft.drill.text.matchAll(/\$row_([a-z_]\w*)/g)) {
    if (!names.includes(name)) throw noColumn(name, `$${ROW_PREFIX}`, names, draft.drill.place)
  }
  await bind(draft.drill, definition.drill.inputs, types, columnsOf, describeSql)
}

function noColumn(name: string, where: string, known: readonly string[], place: Place) {
  return definitionError(
    place,
    `${where} names "${name}", which is no column of the result`,
    suggestion(name, known),
  )
}

/** Null where the columns of an input are not known yet. */
async function bind(
  { text, place }: EndpointStatement,
  inputs: readonly EndpointInput[],
  types: ReadonlyMap<string, string>,
  columnsOf: ColumnsOf,
  describeSql: DescribeSql,
): Promise<readonly SqlColumn[] | null> {
  const tables: DescribedTable[] = []
  for (const { dataset } of inputs) {
    const columns = await columnsOf(dataset)
    if (columns === null) return null
    const others = columns.filter(({ name }) => name.toLowerCase() !== partitionColumn.name)
    tables.push({ name: dataset, columns: [...others, partitionColumn] })
  }
  try {
    return await describeSql(withoutParameters(text, types), tables)
  } catch (cause) {
    const [message = '', ...rest] = (cause instanceof Error ? cause.message : String(cause)).split(
      '\n',
    )
    const line = Number(/^LINE (\d+):/m.exec(rest.join('\n'))?.[1] ?? 1)
    throw definitionError(
      { file: place.file, line: (place.line ?? 1) - 1 + line },
      message.replace(/^\w+ Error: /, ''),
      'Correct the SQL: this is what DuckDB says of it over the columns of its datasets.',
      { cause },
    )
  }
}

/** With NULLs of their types in place of parameters; every line keeps its number. */
function withoutParameters(text: string, types: ReadonlyMap<string, string>): string {
  return spansOf(text)
    .map(({ kind, start, end }) => {
      const part = text.slice(start, end)
      if (kind !== 'code') return part
      return part.replace(/\$([a-z_]\w*)/g, (_whole, name: string) => {
        return `CAST(NULL AS ${types.get(name) ?? 'VARCHAR'})`
      })
    })
    .join('')
}

async function datasetColumns(
  dataset: DatasetDefinition,
  columnsOf: ColumnsOf,
  describeSql: DescribeSql,
): Promise<readonly SqlColumn[] | null> {
  if (dataset.kind === 'source') {
    return [...dataset.columns, ...dataset.derived].map(({ name, type }) => ({
      name,
      type: engineType(type),
    }))
  }
  if (dataset.language !== 'sql') return declaredColumns(dataset)
  const tables: DescribedTable[] = [thisPartition]
  for (const input of dataset.inputs) {
    const own = input.dataset === dataset.name
    const columns = own ? declaredColumns(dataset) : await columnsOf(input.dataset)
    if (columns === null) return null
    tables.push({ name: input.dataset, columns })
  }
  // What is wrong with an analysis is told when it is planned and run.
  return describeSql(dataset.text, tables).catch(() => null)
}

function declaredColumns({ columns }: AnalysisDefinition): readonly SqlColumn[] | null {
  const typed = columns.flatMap(({ name, type }) =>
    type === undefined ? [] : [{ name, type: engineType(type) }],
  )
  return typed.length === columns.length && typed.length > 0 ? typed : null
}
