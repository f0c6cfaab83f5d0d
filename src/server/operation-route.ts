import type { FastifyReply, FastifyRequest } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import { bytesOf } from '#kernel/held-bytes.ts'
import { fieldsOf, fromText, gatherEntries, type Field } from '#operations/fields.ts'
import { authorize, invoke } from '#operations/invoke.ts'
import type { Door, Operation, StreamOutput, RawBody } from '#operations/operation.ts'
import type { Parts } from '#operations/parts.ts'
import { rowFormats, type RowFormat } from '#model/row-format.ts'
import { callerOf } from '#server/caller-of.ts'
import { sendEvents } from '#server/event-stream.ts'
import { isForPerson, sendProblemPage } from '#server/problem-page.ts'
import { sendRanges } from '#server/send-ranges.ts'
import type { SessionCookie } from '#server/session-cookie.ts'
import { idempotencyOf } from '#server/idempotency.ts'
import { signOnOf } from '#server/sign-on-cookie.ts'

interface RouteParts {
  readonly parts: Parts
  readonly stopping: AbortSignal
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
  { parts, stopping, draining, cookie }: RouteParts,
  format: RowFormat | null = null,
) {
  const fields = fieldsOf(operation)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const gone = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) gone.abort(new Error('the caller has gone'))
    })
    const signal = AbortSignal.any([gone.signal, stopping])
    const caller = callerOf(request)
    // Whoever may not call it is told so, whatever was sent.
    authorize(operation, caller)
    const input = inputOf(operation, fields, request, format)
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

function inputOf(
  operation: Operation,
  fields: readonly Field[],
  request: FastifyRequest,
  suffix: RowFormat | null,
): Record<string, unknown> {
  const query = spelled(operation, request.query as Record<string, string | string[]>)
  const path = request.params as Record<string, string>
  const fromQuery = gatherEntries(fields, query)
  const body = bodyOf(operation, request)
  const repeated = [...Object.keys(fromQuery), ...Object.keys(body)].find(
    (name) => name in path || (operation.rest.method !== 'GET' && name in fromQuery),
  )
  if (repeated !== undefined) {
    const place = repeated in path ? 'the path' : 'the body'
    throw new MillraceError('input-invalid', { path: repeated, message: `belongs into ${place}` })
  }
  const input: Record<string, unknown> = { ...fromQuery, ...body, ...fromText(fields, path) }
  if (suffix !== null) {
    if (input['format'] !== undefined) {
      const message = 'is said by the end of the address already'
      throw new MillraceError('input-invalid', { path: 'format', message })
    }
    input['format'] = suffix
  }
  const accept = request.headers.accept
  const hasFormats = operation.output === 'stream' && 'format' in operation.input.shape
  if (hasFormats && input['format'] === undefined) {
    const format = formatFrom(accept)
    if (format !== null) input['format'] = format
  }
  return input
}

/** What came as bytes, with what the headers say of it. */
function rawFields(raw: RawBody, request: FastifyRequest): Record<string, unknown> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';')
  const format = raw.formats[type.trim().toLowerCase()]
  if (format === undefined) throw new MillraceError('media-type-unsupported', { type })
  const encoding = request.headers['content-encoding']?.trim().toLowerCase()
  return {
    [raw.field]: request.body ?? Buffer.alloc(0),
    [raw.formatField]: format,
    ...(encoding !== undefined && { [raw.encodingField]: encoding }),
  }
}

/** `as_of`, as people write it, is the field `asOf`; no endpoint has a parameter of that name. */
function spelled(
  { input }: Operation,
  query: Record<string, string | string[]>,
): Record<string, string | string[]> {
  const { as_of: asOf, ...others } = query
  return asOf === undefined || 'asOf' in query || !('asOf' in input.shape)
    ? query
    : { ...others, asOf }
}

/** The fields of the body, and those that came as headers. */
function bodyOf(operation: Operation, request: FastifyRequest): Record<string, unknown> {
  const { arrayField, headers = {}, rawBody } = operation.rest
  const sent = rawBody ? rawFields(rawBody, request) : (request.body ?? {})
  const body = Array.isArray(sent) && arrayField !== undefined ? { [arrayField]: sent } : sent
  if (typeof body !== 'object' || Array.isArray(body)) {
    throw new MillraceError('input-invalid', { path: 'body', message: 'is not a JSON object' })
  }
  const fields: Record<string, unknown> = { ...body }
  for (const [field, header] of Object.entries(headers)) {
    const value = request.headers[header]
    if (value === undefined) continue
    if (field in fields) {
      const message = `is in the body and in the header ${header}`
      throw new MillraceError('input-invalid', { path: field, message })
    }
    fields[field] = value
  }
  return fields
}

const formats: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/vnd.apache.parquet': 'parquet',
}

/** The first media type that we have, in the order of its weight; null where anything will do. */
function formatFrom(accept: string | undefined): string | null {
  if (accept === undefined) return null
  const wanted = accept
    .split(',')
    .map((part) => {
      const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) }
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
  for (const { type } of wanted) {
    if (type === '*/*' || type === 'application/*') return null
    if (type === 'text/*') return 'csv'
    const format = formats[type]
    if (format !== undefined) return format
  }
  throw new MillraceError('format-unavailable', { type: accept.slice(0, 100) })
}

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
