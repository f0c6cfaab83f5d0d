import type { FastifyReply, FastifyRequest } from 'fastify'

import { bytesOf } from '#kernel/held-bytes.ts'
import { authorize, invoke } from '#operations/invoke.ts'
import type { Door, Operation, StreamOutput } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { rowFormats, type RowFormat } from '#model/row-format.ts'
import { callerOf } from '#server/caller-of.ts'
import { sendEvents } from '#server/event-stream.ts'
import { isForPerson, sendProblemPage } from '#server/problem-page.ts'
import { sendRanges } from '#server/send-ranges.ts'
import type { SessionCookie } from '#server/session-cookie.ts'
import { idempotencyOf } from '#server/idempotency.ts'
import type { OpenRequests } from '#server/open-requests.ts'
import { inputReader } from '#server/operation-input.ts'
import { signOnOf } from '#server/sign-on-cookie.ts'

interface RouteParts {
  readonly parts: Parts
  readonly open: OpenRequests
  readonly draining: AbortSignal | undefined
  readonly cookie: SessionCookie
}

/** Where an operation is answered: the fields in braces become a route's parameters. */
export function routesOf(
  operation: Operation,
): readonly { readonly url: string; readonly format: RowFormat | null }[] {
  const url = operation.rest.path.replace(/\{(\w+)\}/g, ':$1')
  const suffixed = operation.rest.formatSuffix
    ? rowFormats.map((format) => ({ url: `${url}.${format}`, format }))
    : []
  return [{ url, format: null }, ...suffixed]
}

/** `format`: of an address that ends with it. */
export function operationHandler(
  operation: Operation,
  { parts, open, draining, cookie }: RouteParts,
  format: RowFormat | null = null,
) {
  const readInput = inputReader(operation, format)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const signal = open.signalOf(reply.raw)
    const caller = callerOf(request)
    // Whoever may not call it is told so, whatever was sent.
    authorize(operation, caller)
    const input = readInput(request)
    const door: Door = {
      address: request.ip,
      agent: request.headers['user-agent']?.slice(0, AGENT_LENGTH_MAX) ?? null,
      requestId: request.id,
      setSession: (session) => cookie.set(reply, session),
      signOn: signOnOf(request, reply, parts.publicUrl()),
      ...idempotencyOf(operation, request, reply),
    }
    const { redirect } = operation.rest
    if (redirect !== undefined) {
      try {
        const led = await invoke(operation, input, { parts, caller, door, signal })
        reply.redirect(String((led as Record<string, unknown>)[redirect]), 303)
      } catch (thrown) {
        if (!isForPerson(request, thrown)) throw thrown
        sendProblemPage(reply, thrown, parts.publicUrl())
      }
      return reply
    }
    const output = await invoke(operation, input, { parts, caller, door, signal })
    if (operation.output !== 'stream') return reply.send(output)
    const stream = output as StreamOutput
    return operation.rest.endless
      ? sendEvents(request, reply, stream, { signal, draining, clock: parts.clock })
      : sendRows(request, reply, stream, signal)
  }
}

const AGENT_LENGTH_MAX = 300

async function sendRows(
  request: FastifyRequest,
  reply: FastifyReply,
  output: StreamOutput,
  signal: AbortSignal,
) {
  reply
    .header('etag', output.etag)
    .header('vary', 'Accept, Accept-Encoding')
    .header('cache-control', 'private, no-cache')
    .header('millrace-commit', output.commitNumber)
    .header('millrace-rows', output.rows)
    .header('millrace-partitions', output.partitions)
    .header('millrace-partitions-asked', output.partitionsAsked)
  if (output.totalRows !== null) reply.header('millrace-total-rows', output.totalRows)
  if (output.receipt !== undefined) reply.header('millrace-receipt', output.receipt)
  const next = linkToNext(request, output)
  const links = [next['link'], output.headers?.['link']].filter((link) => link !== undefined)
  reply.headers({ ...next, ...output.headers })
  if (links.length > 0) reply.header('link', links.join(', '))
  if (output.accepted) {
    reply.code(202).header('location', output.accepted.location).type(output.contentType)
    return reply.send(await output.open(signal))
  }
  const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim())
  if (known?.some((tag) => tag === '*' || tag.replace(/^W\//, '') === output.etag)) {
    await output.close?.()
    return reply.code(304).send()
  }
  if (output.openRange) return sendRanges(request, reply, output, signal)
  const bytes = await output.open(signal)
  if (output.sizeBytes !== undefined) reply.header('content-length', output.sizeBytes)
  reply
    .type(output.contentType)
    .header('content-disposition', `attachment; filename="${output.fileName}"`)
  return reply.compress(bytesOf(bytes) ?? bytes)
}

/** Of the page that follows, as the address of this one with another cursor. */
function linkToNext(request: FastifyRequest, { next }: StreamOutput): Record<string, string> {
  if (next == null) return {}
  const [path = '', query] = request.url.split('?')
  const fields = new URLSearchParams(query)
  fields.set('cursor', next)
  return { 'millrace-next': next, link: `<${path}?${fields.toString()}>; rel="next"` }
}
