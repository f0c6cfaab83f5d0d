import {
  GraphQLBoolean,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLOutputType,
} from 'graphql'

import type { Operation } from '#operations/operation.ts'
import { callOperation } from '#graphql/call.ts'
import { connectionField, pagedBy } from '#graphql/connections.ts'
import { isClosedObject, jsonSchemaOf, withoutNull } from '#graphql/json-schema.ts'
import { fieldName, pascal } from '#graphql/names.ts'
import { Json } from '#graphql/scalars.ts'
import type { Field, Fields, TypeBook } from '#graphql/type-book.ts'

/**
 * Whether an operation is a field of its own: rows have one field for all, and what concerns the
 * session of a browser belongs to its pages.
 */
export function isReachable({ output, permission, rest }: Operation): boolean {
  return output !== 'stream' && permission !== 'anyone' && rest.redirect === undefined
}

/** Every operation that answers JSON, by the name of its field. */
export function rootFields(
  book: TypeBook,
  operations: readonly Operation[],
): { readonly query: Fields; readonly mutation: Fields } {
  const query: Fields = {}
  const mutation: Fields = {}
  for (const operation of operations.filter(isReachable)) {
    const isQuery = operation.rest.method === 'GET'
    const fields = isQuery ? query : mutation
    fields[fieldName(operation.name)] = isQuery
      ? queryField(book, operation)
      : mutationField(book, operation)
  }
  return { query, mutation }
}

function queryField(book: TypeBook, operation: Operation): Field {
  const paged = pagedBy(operation)
  const payload = paged ? book.output(paged.item, `${pascal(operation.name)}Item`) : null
  const type = payload ?? payloadOf(book, operation)
  const args = argumentsOf(book, operation)
  if (paged) {
    const { limit: _limit, [paged.from]: _from, ...own } = args
    const field = connectionField(book, operation, paged, own)
    return { ...field, type: (field.type as GraphQLNonNull<GraphQLObjectType>).ofType }
  }
  return {
    description: operation.summary,
    type,
    args,
    resolve: (_parent, given, context) => callOperation(operation, given, context),
  }
}

function mutationField(book: TypeBook, operation: Operation): Field {
  const name = pascal(operation.name)
  const schema = jsonSchemaOf(operation.input, 'input')
  const args: GraphQLFieldConfigArgumentMap = {}
  if (isClosedObject(schema)) {
    const isNeeded = (schema.required ?? []).length > 0
    const type = book.input(schema, name)
    args['input'] = { type: isNeeded ? new GraphQLNonNull(type) : type }
  }
  return {
    description: operation.summary,
    type: payloadOf(book, operation),
    args,
    async resolve(_parent, { input = {} }, context) {
      const answer = await callOperation(operation, input as Record<string, unknown>, context)
      return isEmpty(operation) ? { ok: true } : answer
    },
  }
}

function argumentsOf(book: TypeBook, operation: Operation): GraphQLFieldConfigArgumentMap {
  const { properties = {}, required = [] } = jsonSchemaOf(operation.input, 'input')
  return Object.fromEntries(
    Object.entries(properties).map(([name, property]) => {
      const type = book.input(property, pascal(`${operation.name}-${name}`))
      const isNeeded = required.includes(name) && !withoutNull(property).nullable
      const description = property.description
      return [name, { type: isNeeded ? new GraphQLNonNull(type) : type, description }]
    }),
  )
}

/** Nullable: an answer that is refused leaves the others of the same request as they are. */
function payloadOf(book: TypeBook, operation: Operation): GraphQLOutputType {
  if (operation.output === 'stream') return Json
  if (isEmpty(operation)) return Done
  const name = `${pascal(operation.name)}Payload`
  const type = book.output(jsonSchemaOf(operation.output, 'output'), name)
  return type instanceof GraphQLNonNull ? (type.ofType as GraphQLOutputType) : type
}

function isEmpty({ output }: Operation): boolean {
  if (output === 'stream') return false
  const { type, properties = {} } = jsonSchemaOf(output, 'output')
  return type === 'object' && Object.keys(properties).length === 0
}

const Done = new GraphQLObjectType({
  name: 'Done',
  description: 'It was done, and there is nothing more to say about it.',
  fields: { ok: { type: new GraphQLNonNull(GraphQLBoolean) } },
})
