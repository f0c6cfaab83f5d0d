import { bodyEncodings, type BodyFormat } from '#model/append.ts'
import type { MediaType, Parameter, RequestBody } from '#operations/openapi/openapi-types.ts'
import type { RawBody } from '#operations/operation.ts'

const row = { type: 'object', description: 'A row: its columns by name.' } as const
const sample = { at: '2026-04-01T10:00:00Z', value: 1 }

const media: Readonly<Record<BodyFormat, MediaType>> = {
  json: { schema: { type: 'array', items: row }, example: [sample] },
  ndjson: {
    schema: { type: 'string', description: 'An object a line.' },
    example: `${JSON.stringify(sample)}\n`,
  },
  csv: {
    schema: { type: 'string', description: 'With a header.' },
    example: `${Object.keys(sample).join()}\n${Object.values(sample).join()}\n`,
  },
}

/** Rows as they are, in each format under the first of its media types. */
export function rawRequestBody({ formats }: RawBody, description: string): RequestBody {
  const types = new Map(
    Object.entries(formats)
      .toReversed()
      .map(([type, format]) => [format, type] as const),
  )
  return {
    description,
    required: true,
    content: Object.fromEntries(
      [...types].toReversed().map(([format, type]) => [type, media[format as BodyFormat]]),
    ),
  }
}

/** How the body is compressed. */
export function encodingHeader(description: string): Parameter {
  const schema = { type: 'string', enum: bodyEncodings, default: 'identity' } as const
  return { name: 'content-encoding', in: 'header', description, schema }
}
