import type { GraphQLField, GraphQLSchema } from 'graphql'

import { toGraphError } from '#graphql/call.ts'
import type { GraphContext } from '#graphql/context.ts'
import type { GraphExecutor } from '#graphql/executor.ts'
import { links } from '#graphql/links.ts'
import { fieldName } from '#graphql/names.ts'
import { isReachable } from '#graphql/root-fields.ts'
import type { Identity, Operation } from '#operations/operation.ts'
import type { Ids } from './foreign-forms.ts'
import { documentOf, type GraphDocument } from './graph-documents.ts'
import { alike, asValue, ownInput, takesAnyName } from './matrix.ts'
import { differences, stateOf } from './tenant-state.ts'
import { namedFields, type NamedField } from './sample-input.ts'
import { samples } from './samples.ts'
import { CANARY, type World } from './world.ts'

export interface GraphMatrix {
  readonly world: World
  readonly executor: GraphExecutor
  readonly operations: readonly Operation[]
  readonly ids: ReadonlyMap<string, Ids>
  readonly callers: readonly Identity[]
  /** The other tenant's own, who asks first, so that every cache knows the answer. */
  readonly them: Identity
}

export interface GraphResult {
  readonly fields: number
  readonly links: number
  readonly requests: number
  readonly findings: readonly string[]
  /** Queries that answered somebody with what is his own. */
  readonly reached: ReadonlySet<string>
  /** The last refusal of each query. */
  readonly refusals: ReadonlyMap<string, string>
  /** Links that led on from what is one's own. */
  readonly followed: ReadonlySet<string>
}

/** Every field and every link that an argument names a thing for × every caller × the foreign id. */
export async function runGraphMatrix(matrix: GraphMatrix): Promise<GraphResult> {
  const { world, executor, ids, callers, them } = matrix
  const findings: string[] = []
  const reached = new Set<string>()
  const refusals = new Map<string, string>()
  const followed = new Set<string>()
  let requests = 0
  let fields = 0

  async function ask(document: GraphDocument, caller: Identity): Promise<string> {
    requests++
    return answerOf(matrix, document, caller)
  }
  /** The same bytes for the foreign id as for one that nobody has. */
  function compare(where: string, known: Ids, foreign: string, unknown: string): void {
    for (const text of [foreign, unknown]) {
      if (text.replaceAll(known.foreign, '<id>').includes(CANARY)) {
        findings.push(`${where} shows what is the other tenant's: ${text.slice(0, 500)}`)
      }
    }
    if (alike(foreign, known.foreign) !== alike(unknown, known.unknown)) {
      findings.push(`${where} answers unlike an id that does not exist: ${foreign} — ${unknown}`)
    }
  }

  const reachable = matrix.operations
    .filter(isReachable)
    .toSorted((a, b) => Number(isMutation(a)) - Number(isMutation(b)))
  for (const operation of reachable) {
    const field = rootField(executor.schema, operation)
    const own = ownInput(operation, ids, samples)
    const before = isMutation(operation) ? await stateOf(world) : null
    fields++
    if (!isMutation(operation)) {
      const theirs = new Map([...ids].map(([kind, one]) => [kind, { ...one, own: one.foreign }]))
      await answerOf(
        matrix,
        toDocument(field, operation, ownInput(operation, theirs, samples)),
        them,
      )
      for (const caller of callers) {
        const text = await ask(toDocument(field, operation, own), caller)
        if (text.includes(CANARY))
          findings.push(`${field.name} of ${caller.name}: ${text.slice(0, 500)}`)
        if (text.includes('"errors"')) refusals.set(operation.name, text)
        else reached.add(operation.name)
      }
    }
    for (const [named, known] of foreignFields(operation, ids)) {
      for (const caller of callers) {
        const [foreign, unknown] = await Promise.all(
          [known.foreign, known.unknown].map((id) =>
            ask(toDocument(field, operation, { ...own, [named.name]: asValue(id, named) }), caller),
          ),
        )
        if (takesAnyName.has(operation.name)) continue
        compare(
          `${field.name}(${named.name}) of ${caller.name}`,
          known,
          foreign ?? '',
          unknown ?? '',
        )
      }
    }
    const changed = before ? differences(before, await stateOf(world)) : []
    for (const row of changed) findings.push(`${field.name} changed the other tenant: ${row}`)
  }

  let linksTried = 0
  for (const link of links) {
    const operation = matrix.operations.find(({ name }) => name === link.operation)
    const type = executor.schema.getType(link.entity)
    if (!operation || !type || !('getFields' in type)) {
      findings.push(`${link.entity}.${link.field} leads nowhere`)
      continue
    }
    const field = type.getFields()[link.field] as GraphQLField<unknown, GraphContext>
    linksTried++
    for (const named of namedFields(operation)) {
      const known = ids.get(named.kind)
      const from = link.by[named.name]
      if (!known || from === undefined) continue
      for (const caller of callers) {
        const follow = (id: string) => {
          requests++
          return followLink(field, { [from]: asValue(id, named) }, contextOf(world, caller))
        }
        const own = await follow(known.own)
        if (own.includes(CANARY))
          findings.push(`${link.entity}.${link.field}: ${own.slice(0, 500)}`)
        if (own.startsWith('answered')) followed.add(`${link.entity}.${link.field}`)
        if (known.own === known.foreign) continue
        const where = `${link.entity}.${link.field} of ${caller.name}`
        compare(where, known, await follow(known.foreign), await follow(known.unknown))
      }
    }
  }
  return { fields, links: linksTried, requests, findings, reached, refusals, followed }
}

export function contextOf(
  { server }: World,
  caller: Identity,
  signal: AbortSignal = new AbortController().signal,
): GraphContext {
  const door = { address: '192.0.2.7', agent: null, requestId: null, setSession() {} }
  return {
    parts: server.parts,
    caller,
    door,
    signal,
    asked: new Map(),
    spend: async () => {},
    calls: 0,
  }
}

/** As it goes over the wire. */
export async function answerOf(
  { world, executor }: Pick<GraphMatrix, 'world' | 'executor'>,
  { query, variables }: GraphDocument,
  caller: Identity,
): Promise<string> {
  const prepared = executor.prepare({ query, variables, operationName: null })
  if (prepared.kind === 'refused') throw new Error(`${query}: ${JSON.stringify(prepared.answer)}`)
  const answer = await prepared.run(contextOf(world, caller))
  if (Symbol.asyncIterator in answer) throw new Error(`${query}: has no one answer`)
  return JSON.stringify(answer)
}

/** What the link gives somebody whose entity had that id. */
async function followLink(
  field: GraphQLField<unknown, GraphContext>,
  parent: Readonly<Record<string, unknown>>,
  context: GraphContext,
): Promise<string> {
  try {
    const answer: unknown = await field.resolve?.(parent, {}, context, {} as never)
    return `answered ${JSON.stringify(answer)}`
  } catch (error) {
    return `refused ${JSON.stringify(toGraphError(error, null))}`
  }
}

function isMutation({ rest }: Operation): boolean {
  return rest.method !== 'GET'
}

function rootField(schema: GraphQLSchema, operation: Operation): GraphQLField<unknown, unknown> {
  const root = isMutation(operation) ? schema.getMutationType() : schema.getQueryType()
  const field = root?.getFields()[fieldName(operation.name)]
  if (!field) throw new Error(`no field of ${operation.name}`)
  return field
}

function toDocument(
  field: GraphQLField<unknown, unknown>,
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
): GraphDocument {
  return isMutation(operation)
    ? documentOf('mutation', field, field.args.length > 0 ? { input } : {})
    : documentOf('query', field, input)
}

function foreignFields(operation: Operation, ids: GraphMatrix['ids']): [NamedField, Ids][] {
  return namedFields(operation).flatMap((field): [NamedField, Ids][] => {
    const known = ids.get(field.kind)
    return known && known.own !== known.foreign ? [[field, known]] : []
  })
}
