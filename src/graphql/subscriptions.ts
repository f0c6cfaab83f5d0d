import { GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLString } from 'graphql'

import { MillraceError } from '#kernel/errors.ts'
import { isCaller } from '#operations/invoke.ts'
import type { Operation } from '#operations/operation.ts'
import { callOperation } from '#graphql/call.ts'
import type { GraphContext } from '#graphql/context.ts'
import { jsonSchemaOf } from '#graphql/json-schema.ts'
import { Json, Long } from '#graphql/scalars.ts'
import type { Fields, TypeBook } from '#graphql/type-book.ts'

const text = new GraphQLNonNull(GraphQLString)

const Event = new GraphQLObjectType({
  name: 'DomainEvent',
  description: 'Something that has become true of the tenant.',
  fields: {
    id: { type: text },
    sequence: { type: new GraphQLNonNull(Long) },
    kind: { type: text },
    at: { type: text },
    data: { type: new GraphQLNonNull(Json) },
  },
})

const names = new GraphQLList(new GraphQLNonNull(GraphQLString))
/** Longest wait of one look at a run. */
const WAIT_MS = 20_000

export function subscriptionFields(book: TypeBook, operations: readonly Operation[]): Fields {
  const fields: Fields = {
    events: {
      description: 'What becomes true of the tenant, as it is committed.',
      type: new GraphQLNonNull(Event),
      args: {
        after: { type: Long, description: 'Go on behind this sequence; default: from now on.' },
        kinds: { type: names, description: 'Only events of these kinds.' },
        datasets: { type: names, description: 'Only events about these datasets.' },
      },
      subscribe: (_parent, args, context) => events(args, context),
      resolve: (event) => event,
    },
  }
  const view = operations.find(({ name }) => name === 'runs.get')
  if (view && view.output !== 'stream') {
    const type = book.output(jsonSchemaOf(view.output, 'output'), 'RunsGetPayload')
    fields['runProgress'] = {
      description: 'A run with its progress, again whenever that has changed, until it has ended.',
      type,
      args: { run: { type: text } },
      subscribe: (_parent, { run }, context) => progress(view, run as string, context),
      resolve: (shown) => shown,
    }
  }
  return fields
}

async function* events(
  { after, kinds, datasets }: Record<string, unknown>,
  { parts, caller, signal }: GraphContext,
): AsyncGenerator<Record<string, unknown>> {
  if (!isCaller(caller)) throw new MillraceError('tenant-needed', { operation: 'events' })
  if (!caller.permissions.has('read')) {
    const details = { operation: 'events', permission: 'read', caller: caller.name }
    throw new MillraceError('forbidden', details)
  }
  const wantedKinds = kinds as readonly string[] | null | undefined
  const wanted = datasets as readonly string[] | null | undefined
  const from = (after as number | null | undefined) ?? null
  for await (const event of parts.events.listen(caller.tenant, caller.access, from, signal)) {
    const about = 'dataset' in event.data ? event.data.dataset : ''
    if (wantedKinds && !wantedKinds.includes(event.kind)) continue
    if (wanted && !wanted.includes(about)) continue
    yield { ...event }
  }
}

async function* progress(
  view: Operation,
  run: string,
  context: GraphContext,
): AsyncGenerator<Record<string, unknown>> {
  let after: string | undefined
  while (!context.signal.aborted) {
    // Each look is a question of its own.
    const asked = { ...context, asked: new Map(), calls: 0 }
    const input = { run, ...(after === undefined ? {} : { after, waitMs: WAIT_MS }) }
    const shown = (await callOperation(view, input, asked)) as {
      readonly revision: string
      readonly run: { readonly state: string }
    }
    if (shown.revision !== after) yield { ...shown }
    after = shown.revision
    if (shown.run.state !== 'running') return
  }
}
