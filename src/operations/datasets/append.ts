import { z } from 'zod'

import { appendSource } from '#factory/append/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import { bodyEncodings, bodyFormats, type BodyEncoding } from '#model/append.ts'
import { defineOperation } from '#operations/operation.ts'
import { datasetField, definitionOf } from '#operations/partition-input.ts'

export const appendRows = defineOperation({
  name: 'datasets.append',
  summary: 'Send rows to a dataset: acknowledged once they are kept, in the dataset within seconds',
  permission: 'write',
  // Traffic of machines; each request has an acknowledgement of its own.
  audit: 'none',
  rest: {
    method: 'POST',
    path: '/v1/datasets/{dataset}/rows',
    headers: { idempotencyKey: 'idempotency-key' },
    bodyBytesMax: 16_000_000,
    rawBody: {
      field: 'rows',
      formatField: 'format',
      formats: {
        'application/json': 'json',
        'application/x-ndjson': 'ndjson',
        'application/ndjson': 'ndjson',
        'text/csv': 'csv',
      },
      encodingField: 'encoding',
    },
  },
  argumentFields: ['rows'],
  input: z.strictObject({
    dataset: datasetField,
    rows: z
      .instanceof(Uint8Array)
      .describe('The rows: a list of objects, an object a line, or CSV with a header.'),
    format: z.enum(bodyFormats).describe('How the rows are written.'),
    encoding: z
      .string()
      .max(40)
      .default('identity')
      .describe('How the rows are compressed: `identity`, `gzip` or `zstd`.'),
    idempotencyKey: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, 'up to 200 visible ASCII characters')
      .optional()
      .describe('The same key with the same rows is the same request, for 7 days.'),
  }),
  output: z.object({
    acknowledgement: z.string(),
    dataset: z.string(),
    receivedAt: z.iso.datetime(),
    /** Rows that are kept. `acknowledgements.show` tells of how many are good. */
    received: z.int(),
    /** True: a former request with this idempotency key was this one. */
    existed: z.boolean(),
    links: z.object({ acknowledgement: z.string() }),
  }),
  async handler({ dataset, rows, format, encoding, idempotencyKey }, { parts, caller }) {
    definitionOf(parts, dataset)
    const source = appendSource(parts.factory.datasets, dataset)
    const answer = await parts.intake.append(parts.catalog, caller.tenant, source, {
      bytes: Buffer.from(rows.buffer, rows.byteOffset, rows.byteLength),
      format,
      encoding: encodingOf(encoding),
      idempotencyKey: idempotencyKey ?? null,
    })
    return {
      acknowledgement: answer.id,
      dataset,
      receivedAt: answer.receivedAt.toISOString(),
      received: answer.rows,
      existed: answer.existed,
      links: { acknowledgement: `/v1/acknowledgements/${answer.id}` },
    }
  },
})

function encodingOf(text: string): BodyEncoding {
  const encoding = bodyEncodings.find((one) => one === text)
  if (encoding) return encoding
  throw new MillraceError('append-coding-unknown', { encoding: text })
}
