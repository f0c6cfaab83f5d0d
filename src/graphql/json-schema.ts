import { z } from 'zod'

/** As much of JSON Schema as operations' inputs and outputs have. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly items?: JsonSchema
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly default?: unknown
  /** The name that front ends know such a thing by: `.meta({ entity: 'Run' })`. */
  readonly entity?: string
}

export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  return z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as JsonSchema
}

export interface Unwrapped {
  readonly schema: JsonSchema
  readonly nullable: boolean
}

/** Without the alternative `null`. */
export function withoutNull(schema: JsonSchema): Unwrapped {
  const options = schema.anyOf ?? schema.oneOf
  if (options) {
    const rest = options.filter(({ type }) => type !== 'null')
    const nullable = rest.length < options.length
    const [only] = rest
    return rest.length === 1 && only
      ? { schema: withDescription(only, schema), nullable }
      : { schema: { ...schema, anyOf: rest }, nullable }
  }
  if (typeof schema.type === 'object') {
    const rest = schema.type.filter((type) => type !== 'null')
    const [only] = rest
    const nullable = rest.length < schema.type.length
    return rest.length === 1 && only
      ? { schema: { ...schema, type: only }, nullable }
      : { schema, nullable }
  }
  return { schema, nullable: false }
}

function withDescription(inner: JsonSchema, outer: JsonSchema): JsonSchema {
  return inner.description === undefined && outer.description !== undefined
    ? { ...inner, description: outer.description }
    : inner
}

/** An object whose fields are all named. */
export function isClosedObject({ type, properties }: JsonSchema): boolean {
  return type === 'object' && properties !== undefined && Object.keys(properties).length > 0
}
