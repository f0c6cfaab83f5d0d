import { GraphQLError } from 'graphql'

import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { parseExactJson } from '#kernel/exact-json.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { invoke } from '#operations/invoke.ts'
import type { Operation } from '#operations/operation.ts'
import type { GraphContext } from '#graphql/context.ts'
import { graphLimits } from '#graphql/graph-limits.ts'

/**
 * Calls an operation as every door does. A question that is asked twice within a request is answered
 * once; a change is made as often as it is asked for.
 */
export async function callOperation(
  operation: Operation,
  input: Readonly<Record<string, unknown>>,
  context: GraphContext,
): Promise<unknown> {
  const { parts, caller, door, signal } = context
  const given = Object.fromEntries(
    Object.entries(input).filter(([, value]) => value !== undefined && value !== null),
  )
  const call = async () => {
    await admit(context)
    const answer = await invoke(operation, given, { parts, caller, door, signal })
    // As it looks after its way over the wire: instants as text.
    return parseExactJson(JSON.stringify(answer))
  }
  if (operation.rest.method !== 'GET') return call()
  const name = `${operation.name} ${canonicalJson(given)}`
  const known = context.asked.get(name)
  if (known) return known
  const answer = call()
  context.asked.set(name, answer)
  return answer
}

/**
 * One more operation for this request. The first is what the request itself was taken for; what a link
 * asks for each entity of a list counts as it would through any other door. Throws `query-too-large`,
 * `rate-limited`.
 */
export async function admit(context: GraphContext): Promise<void> {
  context.calls++
  const { calls: most } = graphLimits
  if (context.calls > most) throw new MillraceError('query-too-large', { most })
  if (context.calls > 1) await context.spend()
}

/** As the answer shows it: the code and the way out, never what a bug says of itself. */
export function toGraphError(thrown: unknown, requestId: string | null): GraphQLError {
  const source = thrown instanceof GraphQLError ? thrown : undefined
  const cause = source?.originalError ?? thrown
  // Faults of the query itself, found before anything was called.
  if (source && source.originalError === undefined) return source
  const error = toMillraceError(cause)
  const isBug = error.entry.kind === 'bug'
  const shown = isBug ? new MillraceError('internal', { message: 'see the log' }) : error
  return new GraphQLError(shown.message, {
    ...(source?.path && { path: source.path }),
    ...(source?.nodes && { nodes: source.nodes }),
    extensions: {
      code: shown.code,
      status: shown.entry.status,
      remedy: shown.remedy,
      retryable: shown.entry.retryable,
      ...(requestId === null ? {} : { requestId }),
    },
  })
}
