import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
} from 'graphql'

export interface GraphDocument {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** Asks for one root field, with everything that its answer has down to a few levels. */
export function documentOf(
  kind: 'query' | 'mutation' | 'subscription',
  field: GraphQLField<unknown, unknown>,
  input: Readonly<Record<string, unknown>>,
): GraphDocument {
  const given = field.args.filter(({ name }) => name in input)
  const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`)
  const args = given.map(({ name }) => `${name}: $${name}`)
  const variables = given.map(({ name, type }) => [name, variableOf(type, input[name])] as const)
  const inBrackets = (parts: readonly string[]) => (parts.length > 0 ? `(${parts.join(', ')})` : '')
  return {
    query: `${kind} ${inBrackets(declared)} { ${field.name}${inBrackets(args)} ${selection(field.type, 6)} }`,
    variables: Object.fromEntries(variables),
  }
}

/** Values as variables have them: those of enums by their names. */
function variableOf(wrapped: GraphQLInputType, value: unknown): unknown {
  const type = getNullableType(wrapped)
  if (isListType(type) && Array.isArray(value)) {
    return value.map((one: unknown) => variableOf(type.ofType, one))
  }
  if (isEnumType(type))
    return type.getValues().find((known) => known.value === value)?.name ?? value
  if (isInputObjectType(type) && typeof value === 'object' && value !== null) {
    const fields = type.getFields()
    return Object.fromEntries(
      Object.entries(value).map(([name, own]: [string, unknown]) => {
        const field = fields[name]
        return [name, field ? variableOf(field.type, own) : own]
      }),
    )
  }
  return value
}

/** All fields; a type within itself is left out, and `node` of a list says what `nodes` says. */
function selection(
  wrapped: GraphQLOutputType,
  depth: number,
  within: readonly string[] = [],
): string {
  const type = getNamedType(wrapped)
  if (isUnionType(type)) {
    const parts = type
      .getTypes()
      .map((one) => `... on ${one.name} ${selection(one, depth, within)}`)
    return `{ __typename ${parts.join(' ')} }`
  }
  if (!isObjectType(type)) return ''
  const parts = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument) || field.name === 'edges') return []
    const inner = getNamedType(field.type)
    if (isLeafType(inner)) return [field.name]
    if (depth === 1 || within.includes(inner.name)) return []
    return [`${field.name} ${selection(inner, depth - 1, [...within, type.name])}`]
  })
  return `{ __typename ${parts.join(' ')} }`
}
