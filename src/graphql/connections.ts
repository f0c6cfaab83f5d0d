import {
  GraphQLBoolean,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLOutputType,
} from 'graphql'

import { MillraceError } from '#kernel/errors.ts'
import type { Operation } from '#operations/operation.ts'
import { callOperation } from '#graphql/call.ts'
import { FIRST_DEFAULT, FIRST_MOST } from '#graphql/graph-limits.ts'
import { isClosedObject, jsonSchemaOf, type JsonSchema } from '#graphql/json-schema.ts'
import { pascal } from '#graphql/names.ts'
import type { Field, Fields, TypeBook } from '#graphql/type-book.ts'

/** A list that an operation answers page by page. */
interface Paged {
  /** Field of the answer that holds the page. */
  readonly items: string
  readonly item: JsonSchema
  /** Field of the input that says where a page begins. */
  readonly from: 'after' | 'before' | 'cursor'
  /** Fields of the answer beside the page. */
  readonly more: Readonly<Record<string, JsonSchema>>
}

const OF_PAGING = ['next', 'cursor', 'more']

/** Null: the operation's answer is no list of pages. */
export function pagedBy(operation: Operation): Paged | null {
  if (operation.rest.method !== 'GET' || operation.output === 'stream') return null
  const inputs = Object.keys(operation.input.shape)
  const from = (['after', 'before', 'cursor'] as const).find((name) => inputs.includes(name))
  if (from === undefined || !inputs.includes('limit')) return null
  const { properties = {} } = jsonSchemaOf(operation.output, 'output')
  const lists = Object.entries(properties).filter(
    ([, { type, items }]) => type === 'array' && items !== undefined && isClosedObject(items),
  )
  const [only, ...others] = lists
  if (!only?.[1].items || others.length > 0) return null
  const more = Object.entries(properties).filter(
    ([name]) => name !== only[0] && !OF_PAGING.includes(name),
  )
  return { items: only[0], item: only[1].items, from, more: Object.fromEntries(more) }
}

const PageInfo = new GraphQLObjectType({
  name: 'PageInfo',
  description: 'Where a page lies in its list.',
  fields: {
    hasNextPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    hasPreviousPage: { type: new GraphQLNonNull(GraphQLBoolean) },
    startCursor: { type: GraphQLString },
    endCursor: { type: GraphQLString },
  },
})

export const pageArguments: GraphQLFieldConfigArgumentMap = {
  first: { type: GraphQLInt, description: `Most of them: 1 to ${FIRST_MOST}.` },
  after: { type: GraphQLString, description: 'Cursor behind which the page begins.' },
}

/**
 * A list as a connection. `own` are the arguments beside those of paging, `given` what a parent adds
 * to the input.
 */
export function connectionField(
  book: TypeBook,
  operation: Operation,
  paged: Paged,
  own: GraphQLFieldConfigArgumentMap,
  given: (parent: Record<string, unknown>) => Readonly<Record<string, unknown>> = () => ({}),
): Field {
  const name = pascal(operation.name)
  const item = book.output(paged.item, `${name}Item`) as GraphQLNonNull<GraphQLOutputType>
  const itemName = String(item).replace(/[![\]]/g, '')
  const extra: Fields = Object.fromEntries(
    Object.entries(paged.more).map(([field, schema]) => [
      field,
      { type: book.output(schema, `${name}${pascal(field)}`) },
    ]),
  )
  return {
    description: operation.summary,
    args: { ...pageArguments, ...own },
    type: connectionType(itemName, Object.keys(extra).length === 0 ? itemName : name, item, extra),
    async resolve(parent, { first, after, ...args }, context) {
      const size = sizeOf(first)
      const [from, skip] = decodeCursor(after)
      const limit = Math.min(FIRST_MOST, size + skip)
      const input = { ...args, ...given(parent), [paged.from]: from, limit }
      const answer = (await callOperation(operation, input, context)) as Record<string, unknown>
      const all = answer[paged.items] as Record<string, unknown>[]
      const page = all.slice(skip, skip + size)
      const next = nextOf(answer, all, limit)
      const edges = page.map((node, at) => ({
        node,
        cursor: encodeCursor(from, skip + at + 1),
      }))
      const last = edges.at(-1)
      const isEnd = skip + page.length >= all.length
      // The list's own place, so that whoever goes on never skips what he has seen.
      if (last && isEnd && next !== null) last.cursor = encodeCursor(next, 0)
      return {
        ...answer,
        edges,
        nodes: page,
        pageInfo: {
          hasNextPage: !isEnd || next !== null,
          hasPreviousPage: from !== null || skip > 0,
          startCursor: edges[0]?.cursor ?? null,
          endCursor: last?.cursor ?? null,
        },
      }
    },
  }
}

const connectionTypes = new WeakMap<object, Map<string, GraphQLObjectType>>()

function connectionType(
  itemName: string,
  name: string,
  item: GraphQLNonNull<GraphQLOutputType>,
  extra: Fields,
): GraphQLNonNull<GraphQLObjectType> {
  const known = connectionTypes.get(item.ofType as object) ?? new Map<string, GraphQLObjectType>()
  connectionTypes.set(item.ofType as object, known)
  const found = known.get(name)
  if (found) return new GraphQLNonNull(found)
  const edge = known.get('edge') ?? edgeType(itemName, item)
  known.set('edge', edge)
  const list = (of: GraphQLOutputType) =>
    new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(of)))
  const type = new GraphQLObjectType({
    name: `${name}Connection`,
    fields: {
      edges: { type: list(edge) },
      nodes: { type: list(item.ofType) },
      pageInfo: { type: new GraphQLNonNull(PageInfo) },
      ...extra,
    },
  })
  known.set(name, type)
  return new GraphQLNonNull(type)
}

function edgeType(itemName: string, item: GraphQLOutputType): GraphQLObjectType {
  return new GraphQLObjectType({
    name: `${itemName}Edge`,
    fields: { cursor: { type: new GraphQLNonNull(GraphQLString) }, node: { type: item } },
  })
}

/** What leads to the next page: what the answer says, else the last one's own name. */
function nextOf(
  { next, cursor, more }: Record<string, unknown>,
  all: readonly Record<string, unknown>[],
  limit: number,
): unknown {
  if (next !== undefined) return next
  if (typeof more === 'boolean') return more ? cursor : null
  return all.length < limit ? null : (all.at(-1)?.['id'] ?? null)
}

function sizeOf(first: unknown): number {
  if (first === undefined || first === null) return FIRST_DEFAULT
  if (typeof first === 'number' && first >= 1 && first <= FIRST_MOST) return first
  const message = `is ${JSON.stringify(first)}, and may be 1 to ${FIRST_MOST}`
  throw new MillraceError('input-invalid', { path: 'first', message })
}

function encodeCursor(from: unknown, skip: number): string {
  return Buffer.from(JSON.stringify([from, skip])).toString('base64url')
}

function decodeCursor(after: unknown): readonly [unknown, number] {
  if (typeof after !== 'string') return [null, 0]
  try {
    const decoded: unknown = JSON.parse(Buffer.from(after, 'base64url').toString('utf8'))
    if (Array.isArray(decoded) && decoded.length === 2) {
      const [from, skip] = decoded as unknown[]
      const isPlace = from === null || typeof from === 'string' || typeof from === 'number'
      const isSkip = typeof skip === 'number' && skip >= 0 && skip < FIRST_MOST
      if (isPlace && isSkip && Number.isInteger(skip)) return [from, skip]
    }
  } catch {
    // Told below.
  }
  const message = 'is not a cursor of this list'
  throw new MillraceError('input-invalid', { path: 'after', message })
}
