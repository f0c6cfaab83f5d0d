import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  specifiedRules,
  subscribe,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql'
import { compileQuery, isCompiledQuery, type CompiledQuery } from 'graphql-jit'

import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Operation } from '#operations/operation.ts'
import { toGraphError } from '#graphql/call.ts'
import type { GraphContext } from '#graphql/context.ts'
import { graphLimits } from '#graphql/graph-limits.ts'
import { limitRule } from '#graphql/limits.ts'
import { buildSchema } from '#graphql/schema.ts'
import { withDefaults, type Variables } from '#graphql/variables.ts'

export interface GraphRequest {
  readonly query: string
  readonly variables: Variables
  readonly operationName: string | null
}

export interface GraphAnswer {
  readonly data?: unknown
  readonly errors?: readonly GraphQLError[]
}

/** What a request asks for, when it may be asked at all. */
export type Prepared =
  | { readonly kind: 'refused'; readonly answer: GraphAnswer }
  | { readonly kind: 'query' | 'mutation'; run(context: GraphContext): Promise<GraphAnswer> }
  | {
      readonly kind: 'subscription'
      run(context: GraphContext): Promise<GraphAnswer | AsyncIterable<GraphAnswer>>
    }

export interface GraphExecutor {
  readonly schema: GraphQLSchema
  /** Parses, judges by the limits, and compiles; nothing is asked of the operations. */
  prepare(request: GraphRequest): Prepared
}

const COMPILED_MOST = 500

export function createExecutor(operations: readonly Operation[]): GraphExecutor {
  const schema = buildSchema(operations)
  const compiled = new Map<string, CompiledQuery>()

  function compile(request: GraphRequest, document: DocumentNode): CompiledQuery | ExecutionResult {
    const name = sha256(canonicalJson([request.query, request.operationName]))
    const known = compiled.get(name)
    if (known) return known
    const query = compileQuery(schema, document, request.operationName ?? undefined)
    if (!isCompiledQuery(query)) return query
    for (const oldest of compiled.keys()) {
      if (compiled.size < COMPILED_MOST) break
      compiled.delete(oldest)
    }
    compiled.set(name, query)
    return query
  }

  return {
    schema,
    prepare(request) {
      const { query, variables, operationName } = request
      let document: DocumentNode
      try {
        document = parse(query, { maxTokens: graphLimits.tokens, noLocation: false })
      } catch (error) {
        return refused([error as GraphQLError])
      }
      // Limits first: other rules compare each field of a large query with each other one.
      for (const rules of [[limitRule(variables)], specifiedRules]) {
        const problems = validate(schema, document, rules, { maxErrors: 20 })
        if (problems.length > 0) return refused(problems)
      }
      const operation = getOperationAST(document, operationName)
      if (!operation) {
        return refused([new GraphQLError('operationName says which of the operations is meant')])
      }
      if (operation.operation === OperationTypeNode.SUBSCRIPTION) {
        return {
          kind: 'subscription',
          async run(context) {
            const answer = await subscribe({
              schema,
              document,
              variableValues: variables,
              operationName,
              contextValue: context,
            })
            return 'next' in answer ? told(answer, context) : shown(answer, context)
          },
        }
      }
      const ready = compile(request, document)
      if (!isCompiledQuery(ready)) return refused(ready.errors ?? [])
      // The compiler knows no default of a variable that has to be there.
      const given = { ...withDefaults(operation, variables) }
      return {
        kind: operation.operation === OperationTypeNode.MUTATION ? 'mutation' : 'query',
        run: async (context) => shown(await ready.query({}, context, given), context),
      }
    },
  }
}

function refused(errors: readonly GraphQLError[]): Prepared {
  const marked = errors.map((error) =>
    error.extensions['code'] === undefined
      ? new GraphQLError(error.message, {
          ...(error.nodes && { nodes: error.nodes }),
          ...(error.source && { source: error.source }),
          ...(error.positions && { positions: error.positions }),
          extensions: { code: 'query-unusable', status: 400 },
        })
      : error,
  )
  return { kind: 'refused', answer: { errors: marked } }
}

function shown({ data, errors }: ExecutionResult, { door }: GraphContext): GraphAnswer {
  if (!errors) return { data }
  return { data, errors: errors.map((error) => toGraphError(error, door.requestId)) }
}

async function* told(
  answers: AsyncIterable<ExecutionResult>,
  context: GraphContext,
): AsyncGenerator<GraphAnswer> {
  try {
    for await (const answer of answers) yield shown(answer, context)
  } catch (error) {
    // The last answer says why there is no further one.
    if (!context.signal.aborted) yield { errors: [toGraphError(error, context.door.requestId)] }
  }
}
