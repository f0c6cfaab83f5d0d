import { GraphQLError, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql'

/** Whole numbers beyond the 32 bits of Int: counts, bytes, commit numbers. */
export const Long = new GraphQLScalarType<number, unknown>({
  name: 'Long',
  description: 'A whole number of up to 53 bits.',
  serialize: (value) => value,
  parseValue: toLong,
  parseLiteral: (node) => {
    if (node.kind !== Kind.INT) throw new GraphQLError(`${node.kind} is no whole number`)
    return toLong(Number(node.value))
  },
})

function toLong(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new GraphQLError(`${JSON.stringify(value)} is no whole number of up to 53 bits`)
}

/** What has no shape of its own. Numbers that a double cannot hold keep all their digits. */
export const Json = new GraphQLScalarType({
  name: 'JSON',
  description: 'Any JSON value; numbers keep all their digits.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})
