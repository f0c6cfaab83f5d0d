import { z } from 'zod'

import type { Operation } from '#operations/operation.ts'

/** What a field of an operation names, from its schema. */
export interface NamedField {
  readonly name: string
  /** `run`, `task`, `key` …: what the field names. */
  readonly kind: string
  readonly inPath: boolean
  readonly isNumber: boolean
  readonly isList: boolean
}

interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly default?: unknown
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly minItems?: number
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly names?: string
}

export function schemaOf(operation: Operation): Schema {
  return z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Schema
}

/** Fields that name a thing, in the operation's own words. */
export function namedFields(operation: Operation): NamedField[] {
  const { properties = {} } = schemaOf(operation)
  return Object.entries(properties).flatMap(([name, property]) => {
    const choices = [property, ...(property.anyOf ?? []), ...(property.oneOf ?? [])]
    const found = choices
      .flatMap((choice) => [choice, ...(choice.items ? [choice.items] : [])])
      .find((choice) => choice.names !== undefined)
    if (found?.names === undefined) return []
    return [
      {
        name,
        kind: found.names,
        inPath: operation.rest.path.includes(`{${name}}`),
        isNumber: found.type === 'integer',
        isList: property.type === 'array',
      },
    ]
  })
}

/** Fields of the path that do not say what they name, and are no choice out of a few. */
export function unnamedPathFields(operation: Operation): string[] {
  const { properties = {} } = schemaOf(operation)
  const named = new Set(namedFields(operation).map(({ name }) => name))
  const inPath = [...operation.rest.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '')
  return inPath.filter((name) => !named.has(name) && !properties[name]?.enum)
}

/** The required fields with values that their schema takes, where one can be found. */
export function sampleInput(operation: Operation): Record<string, unknown> {
  const { properties = {}, required = [] } = schemaOf(operation)
  return Object.fromEntries(
    required.flatMap((name) => {
      const property = properties[name]
      return property ? [[name, sample(property)]] : []
    }),
  )
}

const words = [
  'probe',
  'probe@example.com',
  'https://example.com/probe',
  '2021-04',
  '2026-12-31T00:00:00.000Z',
  '2026-12-31',
  'UTC',
  'en',
  '0 6 * * *',
  '1h',
  '#336699',
  '123456',
  'ab'.repeat(32),
  'ab'.repeat(16),
  'correct horse battery staple',
]

function sample(schema: Schema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.default !== undefined) return schema.default
  const [first] = schema.anyOf ?? schema.oneOf ?? []
  if (first) return sample(first)
  switch (schema.type) {
    case 'string':
      return text(schema)
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1)
    case 'boolean':
      return false
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}))
    case 'object': {
      const { properties = {}, required = [] } = schema
      return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]))
    }
    case undefined:
    default:
      return {}
  }
}

function text({ pattern, format, minLength = 0, maxLength = 10_000 }: Schema): string {
  const fits = (word: string) =>
    word.length >= minLength &&
    word.length <= maxLength &&
    (pattern === undefined || new RegExp(pattern, 'u').test(word)) &&
    (format !== 'email' || word.includes('@')) &&
    (format !== 'uri' || word.includes('://'))
  return words.find(fits) ?? 'probe'.padEnd(minLength, 'x').slice(0, maxLength)
}
