import { z } from 'zod'

/** JSON Schema 2020-12, as far as operations use it. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly format?: string
  readonly pattern?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly examples?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly propertyNames?: JsonSchema
  readonly $ref?: string
  /** What a text names: `run`, `dataset` … */
  readonly 'x-names'?: string
  /** Not to be written into logs. */
  readonly 'x-secret'?: true
}

/** What may be sent: fields with a default may be left out. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return plain(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })) as JsonSchema
}

/** What is answered. Objects stay open, for a newer server may answer more. */
export function outputSchema(schema: z.ZodType): JsonSchema {
  const closed = plain(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }))
  return opened(closed) as JsonSchema
}

/** Without what no reader needs: bounds of every integer, patterns of dates, names of the dialect. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const schema = value as Readonly<Record<string, unknown>>
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(schema)) {
    if (key === '$schema') continue
    if (key === 'properties') kept[key] = mapValues(inner as Record<string, unknown>, plain)
    else if (key === 'default' || key === 'enum' || key === 'const') kept[key] = inner
    else if (key === 'names' && typeof inner === 'string') kept['x-names'] = inner
    else if (key === 'secret' && inner === true) kept['x-secret'] = true
    else if (key === 'pattern' && typeof schema['format'] === 'string') continue
    else if (key === 'minimum' && inner === Number.MIN_SAFE_INTEGER) continue
    else if (key === 'maximum' && inner === Number.MAX_SAFE_INTEGER) continue
    else kept[key] = plain(inner)
  }
  return kept
}

function opened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(opened)
  if (typeof value !== 'object' || value === null) return value
  const kept: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'additionalProperties' && inner === false) continue
    kept[key] =
      key === 'properties' ? mapValues(inner as Record<string, unknown>, opened) : opened(inner)
  }
  return kept
}

function mapValues(
  object: Readonly<Record<string, unknown>>,
  map: (value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
}
