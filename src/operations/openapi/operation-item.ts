import { fieldsOf } from '#operations/fields.ts'
import { takesIdempotencyKey } from '#operations/idempotency/takes-key.ts'
import { exampleInput } from '#operations/openapi/example.ts'
import { inputSchema, outputSchema, type JsonSchema } from '#operations/openapi/json-schema.ts'
import { codesOf, problemResponses } from '#operations/openapi/problems.ts'
import { encodingHeader, rawRequestBody } from '#operations/openapi/raw-body.ts'
import { delivered, rowMediaTypes, rowsSchema } from '#operations/openapi/row-media.ts'
import { tagOf } from '#operations/openapi/tags.ts'
import type {
  MediaType,
  OperationItem,
  Parameter,
  Reference,
  RequestBody,
  Response,
} from '#operations/openapi/openapi-types.ts'
import type { Operation } from '#operations/operation.ts'

/** Streams that are no rows; any other has the form of what it gives out. */
const streamMediaTypes: Readonly<Record<string, readonly string[]>> = {
  'audit.export': ['application/x-ndjson'],
  'events.stream': ['text/event-stream', 'application/x-ndjson'],
  'subjects.export': ['application/x-ndjson'],
  'tenants.export': ['application/x-tar'],
}

/** One operation as OpenAPI describes it. */
export function operationItem(operation: Operation): OperationItem {
  const { name, summary, permission } = operation
  const body = bodyOf(operation)
  const parameters = [...parametersOf(operation), ...headersOf(operation)]
  const codes = codesOf(operation)
  return {
    operationId: name,
    summary,
    description: descriptionOf(operation),
    tags: [tagOf(name)],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: { ...successOf(operation), ...problemResponses(operation) },
    ...securityOf(operation),
    'x-permission': permission,
    ...(codes.length > 0 && { 'x-codes': codes }),
    'x-command': commandOf(operation),
    ...(operation.rest.rawBody && { 'x-body-field': operation.rest.rawBody.field }),
    ...(operation.rest.endless && { 'x-endless': true as const }),
  }
}

/** The same on the command line, with the arguments of the example. */
export function commandOf(operation: Operation, input = exampleInput(operation)): string {
  const words = fieldsOf(operation).flatMap(({ name, isArgument, type }) => {
    const value = input[name]
    if (value === undefined) return []
    if (isArgument) return [quoted(value)]
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
    if (type === 'boolean') return [flag]
    return Array.isArray(value) ? [flag, ...value.map(quoted)] : [flag, quoted(value)]
  })
  return ['millrace', ...operation.name.split('.'), ...words].join(' ')
}

function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w.@:/-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

function descriptionOf({ permission, honoursAccess, name, rest }: Operation): string {
  const who =
    permission === 'anyone'
      ? 'Needs no credential.'
      : permission === 'person'
        ? 'For people who have signed in, not for keys.'
        : `Needs the permission \`${permission}\`.`
  const limited = honoursAccess
    ? ' Callers with limited access may call it, and see their part.'
    : ''
  const own =
    rest.headers && Object.values(rest.headers).includes('idempotency-key')
      ? ' Keeps idempotency keys of its own, as long as what they made.'
      : ''
  const suffix = rest.formatSuffix
    ? ` The address may end with the format, too: \`${rest.path}.csv\`.`
    : ''
  return `${who}${limited}${own}${suffix} Operation \`${name}\`.`
}

function securityOf({ permission }: Operation): Pick<OperationItem, 'security'> {
  if (permission === 'anyone') return { security: [] }
  return permission === 'person' ? { security: [{ session: [] }] } : {}
}

function parametersOf(operation: Operation): Parameter[] {
  const { properties = {}, required = [] } = inputSchema(operation.input)
  const example = exampleInput(operation)
  const isRead = operation.rest.method === 'GET'
  return fieldsOf(operation)
    .filter(({ inPath }) => inPath || isRead)
    .map(({ name, inPath, type }) => {
      const { description = '', ...schema } = properties[name] ?? {}
      const prefix = operation.rest.gathers?.[name]
      if (prefix !== undefined) return gathered(name, prefix, description)
      return {
        name,
        in: inPath ? 'path' : 'query',
        ...((inPath || required.includes(name)) && { required: true }),
        description,
        ...(type === 'data' && !inPath
          ? { content: { 'application/json': { schema } } }
          : { schema, ...(type === 'list' && { style: 'form' as const, explode: true }) }),
        ...(name in example && { example: example[name] }),
      } satisfies Parameter
    })
}

/** An object whose fields are parameters of their own: `?where.company=eq.acme`. */
function gathered(name: string, prefix: string, description: string): Parameter {
  const schema: JsonSchema = {
    type: 'object',
    additionalProperties: { type: 'string' },
    ...(prefix !== '' && { propertyNames: { pattern: `^${prefix.replaceAll('.', '[.]')}` } }),
  }
  return { name, in: 'query', description, schema, style: 'form', explode: true }
}

function headersOf(operation: Operation): (Parameter | Reference)[] {
  const { properties = {} } = inputSchema(operation.input)
  const own = Object.entries(operation.rest.headers ?? {}).map(([field, header]): Parameter => {
    const { description = '', ...schema } = properties[field] ?? {}
    return { name: header, in: 'header', description, schema }
  })
  const isOfTenant = operation.permission !== 'anyone' && operation.permission !== 'person'
  const { rawBody } = operation.rest
  return [
    ...own,
    ...(rawBody ? [encodingHeader(properties[rawBody.encodingField]?.description ?? '')] : []),
    ...(takesIdempotencyKey(operation) ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(isOfTenant ? [{ $ref: '#/components/parameters/Tenant' }] : []),
  ]
}

function bodyOf(operation: Operation): RequestBody | null {
  if (operation.rest.method === 'GET') return null
  const { rawBody } = operation.rest
  if (rawBody) {
    const { properties = {} } = inputSchema(operation.input)
    return rawRequestBody(rawBody, properties[rawBody.field]?.description ?? '')
  }
  const schema = bodySchema(operation)
  const fields = Object.keys(schema.properties ?? {})
  if (fields.length === 0) return null
  const { arrayField } = operation.rest
  const list = arrayField === undefined ? undefined : schema.properties?.[arrayField]
  const sample = Object.entries(exampleInput(operation)).filter(([name]) => fields.includes(name))
  const media: MediaType = {
    schema: list ? { anyOf: [schema, list] } : schema,
    ...(sample.length > 0 && { example: Object.fromEntries(sample) }),
  }
  return {
    required: (schema.required ?? []).length > 0,
    content: { 'application/json': media },
  }
}

/** Fields that are neither in the path. */
function bodySchema(operation: Operation): JsonSchema {
  const { properties = {}, required = [], ...schema } = inputSchema(operation.input)
  const inPath = new Set(
    fieldsOf(operation).flatMap(({ name, inPath: isInPath }) => (isInPath ? [name] : [])),
  )
  const needed = required.filter((name) => !inPath.has(name))
  return {
    ...schema,
    properties: Object.fromEntries(
      Object.entries(properties).filter(([name]) => !inPath.has(name)),
    ),
    ...(needed.length > 0 && { required: needed }),
  }
}

function successOf(operation: Operation): Record<string, Response> {
  const { output, rest, input } = operation
  if (rest.redirect !== undefined) {
    const location = { description: 'Where the browser goes on.', schema: { type: 'string' } }
    return { '303': { description: 'Leads the browser on.', headers: { Location: location } } }
  }
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/RequestId' },
    ...(takesIdempotencyKey(operation) && {
      'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' },
    }),
  }
  if (output !== 'stream') {
    const content = { 'application/json': { schema: outputSchema(output) } }
    return { '200': { description: 'Done.', headers, content } }
  }
  const isRows = 'format' in input.shape
  const types = isRows
    ? Object.values(rowMediaTypes)
    : (streamMediaTypes[operation.name] ?? ['*/*'])
  const content = Object.fromEntries(types.map((type) => [type, { schema: streamSchema(type) }]))
  return {
    '200': { description: 'The bytes.', headers: { ...headers, ...rowHeaders }, content },
    ...(isRows && { '202': delivered }),
    '304': { description: 'What `If-None-Match` names is what there is still.' },
  }
}

function streamSchema(type: string): JsonSchema {
  if (type === 'application/json') return rowsSchema({ type: 'object' })
  return type.startsWith('text/') || type.includes('ndjson') ? { type: 'string' } : {}
}

const rowHeaders = Object.fromEntries(
  [
    'ETag',
    'Millrace-Commit',
    'Millrace-Rows',
    'Millrace-Total-Rows',
    'Millrace-Receipt',
    'Millrace-Next',
  ].map((name) => [name, { $ref: `#/components/headers/${name.replaceAll('-', '')}` }]),
)
