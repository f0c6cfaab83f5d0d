import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { printSchema } from 'graphql'
import { Readable } from 'node:stream'
import { z } from 'zod'

import { createExecutor, type GraphAnswer, type GraphRequest } from '#graphql/executor.ts'
import type { GraphContext } from '#graphql/context.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Operation } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import type { RateLimiter } from '#operations/rates/rate-limiter.ts'
import { callerOf } from '#server/caller-of.ts'
import { sendEvents } from '#server/event-stream.ts'
import { assertRate, rateOwners } from '#server/rate-limit.ts'

interface GraphqlOptions {
  readonly parts: Parts
  readonly operations: readonly Operation[]
  readonly limiter: RateLimiter
  readonly stopping: AbortSignal
  readonly draining?: AbortSignal
}

const body = z.strictObject({
  query: z.string().min(1).max(200_000),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().max(200).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
})

const EVENT_STREAM = 'text/event-stream'

/**
 * `POST /graphql`: one request each, no batches and nothing by GET. Subscriptions are answered as
 * server-sent events to whoever accepts them (graphql-sse, distinct connections).
 */
export function addGraphql(app: FastifyInstance, options: GraphqlOptions): void {
  const { parts, operations, stopping, draining } = options
  const executor = createExecutor(operations)
  const schema = printSchema(executor.schema)
  const policy = { operation: 'graphql' }

  app.get('/graphql/schema.graphql', { config: { policy } }, (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send(schema),
  )

  app.post('/graphql', { config: { policy } }, async (request, reply) => {
    const asked = requestOf(request.body)
    const prepared = executor.prepare(asked)
    if (prepared.kind === 'refused') return send(reply, 400, prepared.answer)
    const gone = new AbortController()
    reply.raw.once('close', () => gone.abort(new Error('the caller has gone')))
    const signal = AbortSignal.any([gone.signal, stopping])
    const context = contextOf(request, options, signal)
    if (prepared.kind !== 'subscription') return send(reply, 200, await prepared.run(context))
    if (!request.headers.accept?.includes(EVENT_STREAM)) {
      const message = `subscriptions are answered to whoever accepts ${EVENT_STREAM}`
      throw new MillraceError('request-invalid', { message })
    }
    const answer = await prepared.run(context)
    const answers = Symbol.asyncIterator in answer ? answer : only(answer)
    const output = {
      contentType: `${EVENT_STREAM}; charset=utf-8`,
      fileName: 'answers.txt',
      rows: 0,
      totalRows: 0,
      partitions: 0,
      partitionsAsked: 0,
      commitNumber: 0,
      etag: '',
      open: async (ends?: AbortSignal) => {
        // A listener that has nothing to tell learns of the end by the signal alone.
        ends?.addEventListener('abort', () => gone.abort(ends.reason), { once: true })
        return Readable.from(messages(answers), { objectMode: false })
      },
    }
    return sendEvents(request, reply, output, { signal, draining, clock: parts.clock })
  })
}

function requestOf(sent: unknown): GraphRequest {
  if (Array.isArray(sent)) {
    const message = 'is a list: requests are sent one by one'
    throw new MillraceError('input-invalid', { path: 'body', message })
  }
  const parsed = body.safeParse(sent ?? {})
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const path = issue?.path.join('.') || 'body'
    throw new MillraceError('input-invalid', { path, message: issue?.message ?? 'is no request' })
  }
  const { query, variables, operationName } = parsed.data
  return { query, variables: variables ?? {}, operationName: operationName ?? null }
}

function contextOf(
  request: FastifyRequest,
  { parts, limiter }: Pick<GraphqlOptions, 'parts' | 'limiter'>,
  signal: AbortSignal,
): GraphContext {
  const caller = callerOf(request)
  return {
    parts,
    caller,
    door: {
      address: request.ip,
      agent: request.headers['user-agent']?.slice(0, 300) ?? null,
      requestId: request.id,
      // Whoever signs in does so on the pages for it.
      setSession() {},
    },
    signal,
    spend: () => assertRate(limiter, rateOwners(caller, request.ip)),
    asked: new Map(),
    calls: 0,
  }
}

function send(reply: FastifyReply, status: number, answer: GraphAnswer) {
  return reply.code(status).type('application/json; charset=utf-8').send(JSON.stringify(answer))
}

async function* only(answer: GraphAnswer): AsyncGenerator<GraphAnswer> {
  yield answer
}

async function* messages(answers: AsyncIterable<GraphAnswer>): AsyncGenerator<string> {
  // Nothing may come for long, and whoever listens wants to know that it is heard.
  yield ':\n\n'
  for await (const answer of answers) {
    yield `event: next\ndata: ${JSON.stringify(answer)}\n\n`
  }
  yield 'event: complete\ndata:\n\n'
}
