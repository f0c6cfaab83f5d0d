import type { JsonSchema } from '#operations/openapi/json-schema.ts'
import type { Response } from '#operations/openapi/openapi-types.ts'

/** Media types of rows, by the value of the field `format`. */
export const rowMediaTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
}

/** Rows as JSON: an endpoint's in an envelope, a dataset's as they are. */
export function rowsSchema(row: JsonSchema): JsonSchema {
  return { anyOf: [{ type: 'array', items: row }, envelopeSchema(row)] }
}

/** What is to be known of an endpoint's rows, with them: see `rows/envelope.ts`. */
export function envelopeSchema(row: JsonSchema): JsonSchema {
  const text: JsonSchema = { type: 'string' }
  return {
    type: 'object',
    properties: {
      rows: { type: 'array', items: row },
      columns: {
        type: 'array',
        items: {
          type: 'object',
          properties: { name: text, type: text },
          required: ['name', 'type'],
        },
      },
      receipt: { ...text, description: 'Id of the receipt: where the rows come from.' },
      asOf: { ...text, format: 'date-time' },
      commit: { type: 'integer', description: 'The newest publish that the rows come from.' },
      completeness: {
        type: 'object',
        description: 'Partitions that were asked for, and are there.',
      },
      next: { type: ['string', 'null'], description: '`cursor` of the next page; null: the last.' },
    },
    required: ['rows', 'columns', 'receipt', 'asOf', 'commit', 'completeness', 'next'],
  }
}

/** In place of rows that are too many for one answer. */
export const delivered: Response = {
  description: 'The rows are more than one request answers: they become a delivery.',
  headers: {
    Location: { description: 'Address of the delivery.', schema: { type: 'string' } },
    'Millrace-Receipt': { $ref: '#/components/headers/MillraceReceipt' },
  },
  content: { 'application/json': { schema: { type: 'object' } } },
}
