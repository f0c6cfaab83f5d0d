import { operations } from '#sdk/operations.gen.ts'
import type { OperationName } from '~/api/client.ts'
import type { GraphqlField } from '~/api/graphql.gen.ts'
import { permissionOf } from '~/api/permissions.gen.ts'

/** Rows are streams everywhere else; the graph has a field for them. */
const ofRows: readonly OperationName[] = ['endpoints.rows', 'datasets.rows']

/** Whether the graph has a field that answers what the operation does. */
export function isInGraph(operation: OperationName): boolean {
  const [resource = '', verb = ''] = operation.split('.')
  const info = operations[resource]?.[verb]
  if (ofRows.includes(operation)) return true
  return info?.method === 'GET' && info.stream !== true && permissionOf[operation] !== 'anyone'
}

/**
 * The same call as a document that answers as it is pasted: what was asked stands in it as the
 * variables' defaults, and whoever sends variables asks for something else. A page is no longer than
 * one query may cost. Null: the graph has no such field.
 */
export async function asGraphql(operation: OperationName, input: object): Promise<string | null> {
  // Long texts that few people ask for: they come when somebody does.
  const { graphqlFields } = await import('~/api/graphql.gen.ts')
  const known = graphqlFields[operation]
  return known === undefined ? null : documentOf(known, input)
}

function documentOf(known: GraphqlField, input: object): string {
  const { field, args, selection, renamed = {}, firstMost = Infinity } = known
  const given = Object.entries(input).flatMap(([own, value]) => {
    const name = renamed[own] ?? own
    const type = args[name]
    if (type === undefined || value === undefined || value === null) return []
    const isTooMany = name === 'first' && Number(value) > firstMost
    return [{ name, type, value: isTooMany ? `${firstMost}` : valueText(known, name, value) }]
  })
  if (given.length === 0) return `query ${field} {\n  ${field}${selection}\n}`
  const variables = given.map(({ name, type, value }) => `  $${name}: ${type} = ${value}\n`)
  const passed = given.map(({ name }) => `${name}: $${name}`).join(', ')
  return `query ${field}(\n${variables.join('')}) {\n  ${field}(${passed})${selection}\n}`
}

function valueText({ names, pairs }: GraphqlField, name: string, value: unknown): string {
  if (names?.includes(name)) return Array.isArray(value) ? listOf(value, nameText) : nameText(value)
  const pair = pairs?.[name]
  if (pair === undefined) return literal(value)
  const [key, said] = pair
  const flat = Object.entries(value as object).flatMap(([inner, one]: [string, unknown]) =>
    [one].flat().map((each): [string, unknown] => [inner, each]),
  )
  return listOf(flat, ([inner, one]) => `{${key}: ${literal(inner)}, ${said}: ${literal(one)}}`)
}

function listOf<Item>(items: readonly Item[], text: (item: Item) => string): string {
  return `[${items.map(text).join(', ')}]`
}

/** `run-now` → `RUN_NOW`. */
const nameText = (value: unknown) => String(value).replace(/[-. ]/g, '_').toUpperCase()

/** As a document writes it; texts have the escapes of JSON. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return listOf(value, literal)
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).map(([name, one]) => `${name}: ${literal(one)}`)
  return `{${fields.join(', ')}}`
}
