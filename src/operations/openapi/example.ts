import { inputSchema, type JsonSchema } from '#operations/openapi/json-schema.ts'
import type { Operation } from '#operations/operation.ts'

/** What things are called in examples, by what a field names. */
const named: Readonly<Record<string, string | number>> = {
  backfill: 'bf_01k0example',
  build: 1042,
  cell: 'eu-1',
  dataset: 'exam_results',
  deployment: 'dep_01k0example',
  endpoint: 'results_by_school',
  erasure: 'er_01k0example',
  invitation: 'inv_01k0example',
  key: 'mk_01k0example',
  mail: 'mail_01k0example',
  member: 'usr_01k0example',
  partition: '2026-04',
  role: 'reader',
  run: 'last',
  schedule: 'nightly',
  session: 'ses_01k0example',
  source: 'answers',
  subject: 'student-4711',
  'subject-kind': 'student',
  task: 'task_01k0example',
  'task-name': 'send-report',
  tenant: 'acme',
}

/** Texts that have a form of their own, by the field's name. */
const texts: Readonly<Record<string, string>> = {
  cron: '0 6 * * *',
  email: 'ada@example.com',
  to: 'ada@example.com',
  every: '15m',
  maxAge: '26h',
  issuer: 'https://id.example.com',
  url: 'https://example.com/hooks/work',
  code: '123456',
  sql: 'SELECT school, count(*) AS exams FROM exam_results GROUP BY school',
  zone: 'Europe/Berlin',
}

/** Optional fields that an example is clearer with. */
const shown = new Set(['datasets', 'partition'])

/** The fields of a request as somebody might send it: what is required, and what tells most. */
export function exampleInput(operation: Operation): Record<string, unknown> {
  const { properties = {}, required = [] } = inputSchema(operation.input)
  const wanted = Object.keys(properties).filter(
    (name) => required.includes(name) || (shown.has(name) && required.length === 0),
  )
  const { rawBody } = operation.rest
  return Object.fromEntries(
    wanted.map((name) => [
      name,
      // Bytes are named by their file.
      name === rawBody?.field ? `${name}.json` : exampleOf(properties[name] ?? {}, name),
    ]),
  )
}

function exampleOf(schema: JsonSchema, name: string): unknown {
  const kind = schema['x-names']
  if (kind !== undefined) return named[kind] ?? `my-${kind}`
  if (schema['x-secret']) return '…'
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const list = schema.items
  if (list) return list['x-names'] || (schema.minItems ?? 0) > 0 ? [exampleOf(list, name)] : []
  if (schema.default !== undefined) return schema.default
  const [first] = schema.anyOf ?? schema.oneOf ?? []
  if (first) return exampleOf(first, name)
  switch (schema.type) {
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 1, 1)
    case 'boolean':
      return true
    case 'object': {
      const { properties = {}, required = [] } = schema
      return Object.fromEntries(
        required.map((field) => [field, exampleOf(properties[field] ?? {}, field)]),
      )
    }
    case undefined:
      return {}
    default:
      return textOf(schema, name)
  }
}

function textOf({ format, pattern, minLength = 0 }: JsonSchema, name: string): string {
  if (format === 'date-time') return '2026-12-31T00:00:00Z'
  const fits = (text: string) =>
    text.length >= minLength && (pattern === undefined || new RegExp(pattern, 'u').test(text))
  const text = [texts[name], `my-${name.toLowerCase()}`, 'ab'.repeat(32)].find(
    (candidate) => candidate !== undefined && fits(candidate),
  )
  return text ?? '…'
}
