import { GraphQLObjectType, GraphQLSchema } from 'graphql'

import { linkFields } from '#graphql/links.ts'
import { rootFields } from '#graphql/root-fields.ts'
import { rowFields } from '#graphql/rows.ts'
import { subscriptionFields } from '#graphql/subscriptions.ts'
import { openTypeBook, type TypeBook } from '#graphql/type-book.ts'
import type { GraphContext } from '#graphql/context.ts'
import type { Operation } from '#operations/operation.ts'

/**
 * The operations as a graph: a query for each that asks, a mutation for each that changes, links from
 * what they answer to what belongs to it. Nothing is reached but through them.
 */
export function buildSchema(operations: readonly Operation[]): GraphQLSchema {
  const book: TypeBook = openTypeBook(linkFields(() => book, operations))
  const { query, mutation } = rootFields(book, operations)
  return new GraphQLSchema({
    query: new GraphQLObjectType<Record<string, unknown>, GraphContext>({
      name: 'Query',
      fields: { ...query, ...rowFields(operations) },
    }),
    mutation: new GraphQLObjectType<Record<string, unknown>, GraphContext>({
      name: 'Mutation',
      fields: mutation,
    }),
    subscription: new GraphQLObjectType<Record<string, unknown>, GraphContext>({
      name: 'Subscription',
      fields: subscriptionFields(book, operations),
    }),
  })
}
