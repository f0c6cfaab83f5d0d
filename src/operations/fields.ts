import { z } from 'zod'

import { parseExactJson } from '#kernel/exact-json.ts'
import type { Operation } from '#operations/operation.ts'

/** One field of an operation's input, as doors that speak text need to know it. */
export interface Field {
  readonly name: string
  readonly type: 'text' | 'number' | 'boolean' | 'list' | 'data'
  /** Of a list: its items are numbers. */
  readonly ofNumbers: boolean
  readonly required: boolean
  /** `null` takes its value away. */
  readonly nullable: boolean
  readonly description: string
  /** The values that are allowed, where they are few. */
  readonly choices: readonly string[]
  readonly defaultValue: unknown
  /** Part of the address rather than of query or body. */
  readonly inPath: boolean
  /** The command line takes it as an argument, in the order of the path, then of the fields. */
  readonly isArgument: boolean
  /** An object whose entries come one by one, as `name=value`; null: it comes whole. */
  readonly gathers: string | null
}

interface JsonSchema {
  readonly type?: string | string[]
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly default?: unknown
  readonly anyOf?: readonly JsonSchema[]
  readonly items?: JsonSchema
}

export function fieldsOf(operation: Operation): Field[] {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' })
  const required = new Set(schema.required)
  return Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>).map(
    ([name, property]) => ({
      name,
      type: typeOf(property),
      ofNumbers: /^(integer|number)$/.test(String(property.items?.type)),
      required: required.has(name),
      nullable: property.anyOf?.some((option) => option.type === 'null') ?? false,
      description: property.description ?? '',
      choices: (property.enum ?? []).map(String),
      defaultValue: property.default,
      inPath: operation.rest.path.includes(`{${name}}`),
      isArgument:
        operation.rest.path.includes(`{${name}}`) ||
        (operation.argumentFields?.includes(name) ?? false),
      gathers: operation.rest.gathers?.[name] ?? null,
    }),
  )
}

function typeOf(property: JsonSchema): Field['type'] {
  const type = property.type ?? property.anyOf?.find((option) => option.type !== 'null')?.type
  if (type === 'string') return 'text'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'boolean') return 'boolean'
  if (type === 'array') return 'list'
  return property.enum ? 'text' : 'data'
}

/**
 * Values that arrive as text (a query string, a command line) in the types of their fields. What
 * cannot be converted stays text, so that the schema names the problem.
 */
export function fromText(
  fields: readonly Field[],
  given: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const field = fields.find((candidate) => candidate.name === name)
    const single = typeof value === 'string' ? value : value.at(-1)
    if (field?.nullable && single === 'null') input[name] = null
    else if (field?.type === 'list') input[name] = listFromText(value, field.ofNumbers)
    else if (field?.type === 'data' && single !== undefined) input[name] = dataFromText(single)
    else if (field?.type === 'number' && single !== undefined && /^-?\d+(\.\d+)?$/.test(single)) {
      input[name] = Number(single)
    } else if (field?.type === 'boolean' && (single === 'true' || single === 'false')) {
      input[name] = single === 'true'
    } else input[name] = typeof value === 'string' ? value : [...value]
  }
  return input
}

type Query = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Reads the query of an address, in which some names begin as an object field says: they become
 * entries of that object, with one text or a list of them.
 */
export function queryReader(fields: readonly Field[]): (query: Query) => Record<string, unknown> {
  const gathering = fields
    .filter((field) => field.gathers !== null)
    .toSorted((a, b) => (b.gathers ?? '').length - (a.gathers ?? '').length)
  if (gathering.length === 0) return (query) => fromText(fields, query)
  // Gathered fields have no name of their own in a query: an endpoint's parameter may be called so.
  const ownNames = new Set(fields.flatMap(({ name, gathers }) => (gathers === null ? [name] : [])))

  return (query) => {
    const own: Record<string, string | readonly string[] | undefined> = {}
    const gathered = new Map<string, Record<string, unknown>>()
    for (const [name, value] of Object.entries(query)) {
      const into = ownNames.has(name)
        ? undefined
        : gathering.find((field) => name.startsWith(field.gathers ?? ''))
      if (!into) own[name] = value
      else {
        const entries = gathered.get(into.name) ?? (Object.create(null) as Record<string, unknown>)
        entries[name.slice((into.gathers ?? '').length)] = value
        gathered.set(into.name, entries)
      }
    }
    const input = fromText(fields, own)
    for (const [name, entries] of gathered) input[name] = { ...entries }
    return input
  }
}

/** `a,b`, several values, or a list as JSON. */
function listFromText(value: string | readonly string[], ofNumbers: boolean): unknown {
  const only = typeof value === 'string' ? value : value.length === 1 ? value[0] : undefined
  if (only?.trimStart().startsWith('[')) return dataFromText(only)
  const items = typeof value === 'string' ? value.split(',') : value
  if (!ofNumbers) return items
  return items.map((item) => (/^-?\d+(\.\d+)?$/.test(item) ? Number(item) : item))
}

/** JSON; what is none stays text. */
function dataFromText(text: string): unknown {
  try {
    return parseExactJson(text)
  } catch {
    return text
  }
}
