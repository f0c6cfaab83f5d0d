import type { OperationInfo } from './call.ts'
import { stringifyExact } from './exact-json.ts'

interface RawRequest {
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The body of an operation that takes rows as they are. Objects go as NDJSON, or as JSON where that is
 * said; text and bytes go as they are, with the media type of their format. Takes its fields out of
 * `fields`.
 */
export function rawRequest(
  { name, raw }: OperationInfo & { readonly raw: NonNullable<OperationInfo['raw']> },
  fields: Map<string, unknown>,
): RawRequest {
  const take = (field: string) => {
    const value = fields.get(field)
    fields.delete(field)
    return value
  }
  const rows = take(raw.field)
  const encoding = take(raw.encodingField)
  const isObjects = Array.isArray(rows)
  const format = take(raw.formatField) ?? (isObjects ? 'ndjson' : undefined)
  const type = typeof format === 'string' ? raw.types[format] : undefined
  if (type === undefined) {
    throw new TypeError(
      `${name} needs "${raw.formatField}" for text and bytes: ${Object.keys(raw.types).join(', ')}`,
    )
  }
  for (const field of fields.keys()) throw new TypeError(`${name} has no field "${field}"`)
  return {
    body: isObjects ? written(name, rows, String(format)) : asIs(name, raw.field, rows),
    headers: {
      'content-type': type,
      ...(typeof encoding === 'string' && { 'content-encoding': encoding }),
    },
  }
}

function written(name: string, rows: readonly unknown[], format: string): string {
  if (format === 'json') return stringifyExact(rows)
  if (format === 'ndjson') return rows.map((row) => `${stringifyExact(row)}\n`).join('')
  throw new TypeError(`${name} sends objects as ndjson or json, not as ${format}`)
}

function asIs(name: string, field: string, rows: unknown): RawRequest['body'] {
  if (typeof rows === 'string') return rows
  // One that is shared with other threads is none that `fetch` takes.
  if (rows instanceof Uint8Array) return rows as Uint8Array<ArrayBuffer>
  throw new TypeError(`${name} needs "${field}": objects, text or bytes`)
}
