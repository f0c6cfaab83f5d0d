import {
  GraphQLBoolean,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLFieldConfigArgumentMap,
} from 'graphql'
import { buffer } from 'node:stream/consumers'

import { MillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import { invoke } from '#operations/invoke.ts'
import type { Operation, StreamOutput } from '#operations/operation.ts'
import { admit } from '#graphql/call.ts'
import type { GraphContext } from '#graphql/context.ts'
import { Json, Long } from '#graphql/scalars.ts'
import type { Field } from '#graphql/type-book.ts'

const text = new GraphQLNonNull(GraphQLString)
const listOf = (type: GraphQLObjectType | typeof Json | typeof GraphQLString) =>
  new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(type)))

const Column = new GraphQLObjectType({
  name: 'RowColumn',
  fields: { name: { type: text }, type: { type: text } },
})

const RowsPageInfo = new GraphQLObjectType({
  name: 'RowsPageInfo',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    endCursor: { type: GraphQLString, description: 'Continues over the same versions.' },
  },
})

const Completeness = new GraphQLObjectType({
  name: 'Completeness',
  description: 'Of the partitions that the answer covers: those expected, and those published.',
  fields: {
    expected: { type: new GraphQLNonNull(Long) },
    published: { type: new GraphQLNonNull(Long) },
    missing: { type: new GraphQLList(text) },
  },
})

/** Of an answer's rows. `receipt` leads on to where they came from. */
export const Rows = new GraphQLObjectType({
  name: 'Rows',
  description: 'Rows of one consistent set of published versions.',
  fields: {
    rows: { type: listOf(Json), description: 'Each row as an object; numbers keep all digits.' },
    columns: { type: new GraphQLList(new GraphQLNonNull(Column)) },
    receipt: { type: text, description: 'Id of the receipt: the same through every door.' },
    commit: { type: new GraphQLNonNull(Long) },
    asOf: { type: GraphQLString },
    completeness: { type: Completeness },
    pageInfo: { type: new GraphQLNonNull(RowsPageInfo) },
  },
})

const DeliveryAccepted = new GraphQLObjectType({
  name: 'DeliveryAccepted',
  description: 'The rows are too many for one answer, and become a file.',
  fields: { delivery: { type: text }, location: { type: text } },
})

const RowsResult = new GraphQLUnionType({
  name: 'RowsResult',
  types: [Rows, DeliveryAccepted],
  resolveType: (value: { readonly delivery?: unknown }) =>
    value.delivery === undefined ? Rows.name : DeliveryAccepted.name,
})

const NamedText = new GraphQLInputObjectType({
  name: 'NamedText',
  fields: { name: { type: text }, value: { type: text } },
})

const WhereCondition = new GraphQLInputObjectType({
  name: 'RowCondition',
  description: 'A condition on a column: `{ column: "events", is: "gt.10" }`.',
  fields: { column: { type: text }, is: { type: text, description: 'An operator and a value.' } },
})

const list = (type: typeof GraphQLString | GraphQLInputObjectType) =>
  new GraphQLList(new GraphQLNonNull(type))

const common: GraphQLFieldConfigArgumentMap = {
  where: { type: list(WhereCondition), description: 'All of them hold.' },
  select: { type: list(GraphQLString), description: 'Columns, in that order; default: all.' },
  sort: { type: list(GraphQLString), description: '`-` before a column turns it round.' },
  asOf: { type: GraphQLString, description: 'A commit number, a day or a time.' },
  first: { type: GraphQLInt, description: 'Rows of a page: 1 to 1000; without it: all.' },
  after: { type: GraphQLString, description: '`endCursor` of the page before.' },
}

/** Operations that answer rows, and their fields. */
export const rowFieldOf: Readonly<Record<string, string>> = {
  'endpoints.rows': 'endpointRows',
  'datasets.rows': 'datasetRows',
}

/** One field for the rows of all endpoints, and one for those of all datasets. */
export function rowFields(operations: readonly Operation[]): Record<string, Field> {
  const named = (name: string) => operations.find((operation) => operation.name === name)
  const fields: Record<string, Field> = {}
  const endpoints = named('endpoints.rows')
  if (endpoints) {
    fields['endpointRows'] = {
      description: endpoints.summary,
      type: RowsResult,
      args: {
        endpoint: { type: text },
        parameters: { type: list(NamedText), description: "The endpoint's own parameters." },
        version: { type: GraphQLInt, description: 'Another version than the current one.' },
        ...common,
      },
      resolve: async (_parent, args, context) =>
        readRows(endpoints, { ...args, parameters: textsOf(args['parameters']) }, context),
    }
  }
  const datasets = named('datasets.rows')
  if (datasets) {
    fields['datasetRows'] = {
      description: datasets.summary,
      type: RowsResult,
      args: { dataset: { type: text }, partition: { type: GraphQLString }, ...common },
      resolve: async (_parent, args, context) => readRows(datasets, args, context),
    }
  }
  return fields
}

async function readRows(
  operation: Operation,
  { where, first, after, ...args }: Record<string, unknown>,
  context: GraphContext,
): Promise<Record<string, unknown>> {
  const { parts, caller, door, signal } = context
  const input = {
    ...args,
    where: conditionsOf(where),
    limit: first ?? undefined,
    cursor: after ?? undefined,
    format: 'json',
  }
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined && value !== null),
  )
  await admit(context)
  const output = (await invoke(operation, given, { parts, caller, door, signal })) as StreamOutput
  const bytes = await buffer(await output.open(signal))
  if (output.accepted) return { ...output.accepted }
  const answer = parseExactJson(bytes.toString('utf8'))
  // An endpoint's answer tells these beside its rows, a dataset's in its headers.
  const told = Array.isArray(answer) ? { rows: answer } : (answer as Record<string, unknown>)
  const { partitions: published, partitionsAsked: expected } = output
  return {
    completeness: { expected, published, missing: null },
    ...told,
    receipt: output.receipt,
    commit: output.commitNumber,
    pageInfo: { hasNextPage: output.next != null, endCursor: output.next ?? null },
  }
}

function textsOf(named: unknown): Record<string, string> | undefined {
  if (!Array.isArray(named)) return undefined
  const entries = named as readonly { readonly name: string; readonly value: string }[]
  for (const [at, { name }] of entries.entries()) {
    if (entries.findIndex((other) => other.name === name) < at) {
      throw new MillraceError('input-invalid', { path: name, message: 'is given twice' })
    }
  }
  return Object.fromEntries(entries.map(({ name, value }) => [name, value]))
}

/** Conditions by their column, as the operation takes them. */
function conditionsOf(where: unknown): Record<string, string[]> | undefined {
  if (!Array.isArray(where)) return undefined
  const conditions = where as readonly { readonly column: string; readonly is: string }[]
  const byColumn = Map.groupBy(conditions, ({ column }) => column)
  return Object.fromEntries(
    Array.from(byColumn, ([column, own]) => [column, own.map(({ is }) => is)]),
  )
}
