import type { FastifyRequest } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import type { RowFormat } from '#model/row-format.ts'
import { fieldsOf, fromText, queryReader } from '#operations/fields.ts'
import type { Operation, RawBody } from '#operations/operation.ts'

type Input = Record<string, unknown>

/**
 * What a request says of an operation's fields: in its address, its body and its headers. `suffix`:
 * the format that the address ends with. Throws `input-invalid`, `media-type-unsupported`,
 * `format-unavailable`.
 */
export function inputReader(
  operation: Operation,
  suffix: RowFormat | null,
): (request: FastifyRequest) => Input {
  const fields = fieldsOf(operation)
  const readQuery = queryReader(fields)
  const isGet = operation.rest.method === 'GET'
  const hasFormats = operation.output === 'stream' && 'format' in operation.input.shape

  return (request) => {
    const query = spelled(operation, request.query as Record<string, string | string[]>)
    const path = request.params as Record<string, string>
    const fromQuery = readQuery(query)
    const body = bodyOf(operation, request)
    const repeated = [...Object.keys(fromQuery), ...Object.keys(body)].find(
      (name) => name in path || (!isGet && name in fromQuery),
    )
    if (repeated !== undefined) {
      const place = repeated in path ? 'the path' : 'the body'
      const message = `belongs into ${place}`
      throw new MillraceError('input-invalid', { path: repeated, message })
    }
    const input: Input = { ...fromQuery, ...body, ...fromText(fields, path) }
    if (suffix !== null) {
      if (input['format'] !== undefined) {
        const message = 'is said by the end of the address already'
        throw new MillraceError('input-invalid', { path: 'format', message })
      }
      input['format'] = suffix
    }
    if (hasFormats && input['format'] === undefined) {
      const format = formatFrom(request.headers.accept)
      if (format !== null) input['format'] = format
    }
    return input
  }
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
