import type { EndpointVersion } from '#model/endpoint.ts'
import { exampleValue, type EndpointData } from '#operations/endpoints/endpoint-data.ts'
import type { SampleRows } from '#operations/endpoints/sample-rows.ts'
import type { JsonSchema } from '#operations/openapi/json-schema.ts'
import type {
  MediaType,
  OperationItem,
  Parameter,
  PathItem,
} from '#operations/openapi/openapi-types.ts'
import { sharedProblems } from '#operations/openapi/problems.ts'
import { delivered, envelopeSchema, rowMediaTypes } from '#operations/openapi/row-media.ts'

type EndpointParameter = EndpointVersion['definition']['parameters'][number]

export interface DescribedEndpoint {
  readonly data: EndpointData
  readonly parameters: readonly EndpointParameter[]
  /** Rows as this caller gets them at this moment; null: there are none to show. */
  readonly sample: SampleRows | null
}

/** An endpoint as a path of its own: its parameters, filters, columns and limits, with real rows. */
export function endpointItem(
  { data, parameters, sample }: DescribedEndpoint,
  /** Parameters of `endpoints.rows` that every endpoint has. */
  shared: readonly Parameter[],
): { readonly path: string; readonly item: PathItem } {
  const { endpoint, version, columns } = data
  const get: OperationItem = {
    operationId: `endpoints.rows:${endpoint}`,
    summary: data.description,
    description: descriptionOf(data),
    tags: ['endpoints'],
    parameters: [
      ...parameters.map(parameterOf),
      ...shared.map((parameter) => ofColumns(parameter, columns)),
    ],
    responses: {
      '200': {
        description: 'The rows.',
        headers: {
          ETag: { $ref: '#/components/headers/ETag' },
          'Millrace-Receipt': { $ref: '#/components/headers/MillraceReceipt' },
        },
        content: contentOf(columns, sample),
      },
      '202': delivered,
      '304': { description: 'What `If-None-Match` names is what there is still.' },
      ...sharedProblems('read'),
    },
    ...(data.endsAt !== null && { deprecated: true as const }),
    'x-permission': 'read',
    'x-codes': ['condition-invalid', 'cursor-invalid', 'parameter-invalid', 'parameter-missing'],
    'x-command': `millrace endpoints rows ${endpoint}`,
    'x-version': version,
  }
  return { path: `/v1/endpoints/${endpoint}/rows`, item: { get } }
}

function descriptionOf({ version, isPinned, endsAt, order, limits }: EndpointData): string {
  return [
    `Version ${version}${isPinned ? ', pinned' : ''}.`,
    ...(endsAt === null ? [] : [`It is answered until ${endsAt}.`]),
    ...(order === null ? [] : [`Ordered by \`${order}\` unless \`sort\` says otherwise.`]),
    ...(limits.rows === null ? [] : [`At most ${limits.rows} rows; more become a delivery.`]),
    ...(limits.seconds === null ? [] : [`At most ${limits.seconds} seconds.`]),
    ...(limits.bytes === null ? [] : [`At most ${limits.bytes} bytes.`]),
  ].join(' ')
}

function parameterOf(parameter: EndpointParameter): Parameter {
  const { name, type, description, choices, min, max } = parameter
  const { schema: typed } = typeSchema(type)
  const isNumber = typed.type === 'integer' || typed.type === 'number'
  const schema: JsonSchema = {
    ...typed,
    ...(choices && { enum: isNumber ? choices.map(Number) : choices }),
    ...(isNumber && min !== null && { minimum: Number(min) }),
    ...(isNumber && max !== null && { maximum: Number(max) }),
    ...(parameter.default !== null && {
      default: isNumber ? Number(parameter.default) : parameter.default,
    }),
  }
  const example = exampleValue(parameter)
  return {
    name,
    in: 'query',
    ...(parameter.default === null && { required: true }),
    description,
    schema,
    example: isNumber ? Number(example) : example,
  }
}

/** Filters, selection and order with the columns that this endpoint has. */
function ofColumns(parameter: Parameter, columns: EndpointData['columns']): Parameter {
  const names = columns.map(({ name }) => name)
  if (parameter.name === 'where') {
    const properties = names.map((name) => [`where.${name}`, { type: 'string' }] as const)
    return {
      ...parameter,
      schema: {
        type: 'object',
        properties: Object.fromEntries(properties),
        additionalProperties: false,
      },
    }
  }
  if (parameter.name !== 'select' && parameter.name !== 'sort') return parameter
  const choices = parameter.name === 'select' ? names : names.flatMap((name) => [name, `-${name}`])
  return { ...parameter, schema: { type: 'array', items: { type: 'string', enum: choices } } }
}

function contentOf(
  columns: EndpointData['columns'],
  sample: SampleRows | null,
): Record<string, MediaType> {
  const properties = columns.map(({ name, type, description, unit }) => {
    const { schema } = typeSchema(type ?? '')
    const said = [description, unit === null ? null : `Unit: ${unit}.`].filter((text) => text)
    return [name, { ...nullable(schema), ...(said.length > 0 && { description: said.join(' ') }) }]
  })
  const row: JsonSchema = {
    type: 'object',
    properties: Object.fromEntries(properties) as Record<string, JsonSchema>,
  }
  const media = Object.values(rowMediaTypes).map((type): [string, MediaType] => {
    if (type !== 'application/json') return [type, { schema: textOf(type) }]
    return [type, { schema: envelopeSchema(row), ...exampleOf(columns, sample) }]
  })
  return Object.fromEntries(media)
}

function exampleOf(
  columns: EndpointData['columns'],
  sample: SampleRows | null,
): Pick<MediaType, 'example'> {
  if (!sample) return {}
  const { rows, receipt } = sample
  const named = columns.map(({ name, type }) => ({ name, type }))
  return { example: { rows, columns: named, receipt, next: null } }
}

function textOf(type: string): JsonSchema {
  return type.includes('parquet') ? {} : { type: 'string' }
}

function nullable(schema: JsonSchema): JsonSchema {
  return typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : schema
}

/** A type of the engine, or of a parameter, as JSON has it. */
function typeSchema(type: string): { readonly schema: JsonSchema } {
  const name = type.toLowerCase()
  if (/^(u?(tiny|small|big|huge)?int(eger)?)$/.test(name)) return { schema: { type: 'integer' } }
  if (/^(double|float|real|decimal.*|numeric.*)$/.test(name)) return { schema: { type: 'number' } }
  if (name === 'boolean') return { schema: { type: 'boolean' } }
  if (name === 'date') return { schema: { type: 'string', format: 'date' } }
  if (/^(varchar|text|timestamp.*|time.*|period|uuid|blob)$/.test(name)) {
    return { schema: { type: 'string' } }
  }
  return { schema: {} }
}
