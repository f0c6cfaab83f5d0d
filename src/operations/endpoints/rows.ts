import { Readable } from 'node:stream'

import { z } from 'zod'

import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { deliverInstead } from '#operations/deliveries/accepted.ts'
import { countRequest } from '#operations/endpoints/count-request.ts'
import { endpointField, versionField } from '#operations/endpoints/endpoint-data.ts'
import { visibleEndpoint } from '#operations/endpoints/visible-endpoint.ts'
import { defineOperation, type StreamOutput } from '#operations/operation.ts'
import { contentTypes } from '#operations/rows/content-types.ts'
import { enveloped } from '#operations/rows/envelope.ts'
import { questionFields, toQuestion } from '#operations/rows/question-input.ts'
import { versionHeaders } from '#serving/endpoint-headers.ts'
import { rowFormats } from '#serving/question.ts'

/** `as_of` is another way to write the field `asOf`; no parameter has that name. */
const AS_OF = 'as_of'

export const endpointRows = defineOperation({
  name: 'endpoints.rows',
  summary: 'Rows of an endpoint, as far as one request may answer them; more become a delivery',
  permission: 'read',
  honoursAccess: true,
  rest: {
    method: 'GET',
    path: '/v1/endpoints/{endpoint}/rows',
    gathers: { where: 'where.', parameters: '' },
    formatSuffix: true,
  },
  input: z.strictObject({
    endpoint: endpointField,
    parameters: z
      .record(z.string().min(1).max(100), z.string().max(10_000))
      .optional()
      .describe("Values of the endpoint's own parameters: `month=2021-04`."),
    ...questionFields,
    limit: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Rows of a page; without it and `cursor`, all rows are answered or delivered.'),
    version: versionField.optional(),
    format: z
      .enum(rowFormats)
      .default('json')
      .describe(
        'Form of the rows; over REST the Accept header or the end of the address may say it.',
      ),
  }),
  output: 'stream',
  handler(input, context) {
    const { parts, caller, signal } = context
    return countRequest(context, async (known) => {
      const { format, cells, cursor = null, limit } = input
      const { [AS_OF]: asOf = input.asOf, ...parameters } = input.parameters ?? {}
      const found = await visibleEndpoint(parts, caller, input.endpoint, input.version ?? null)
      known(found)
      const subject = { kind: 'endpoint', version: found, parameters } as const
      const question = toQuestion(subject, { ...input, asOf })
      const answer =
        cursor === null
          ? await parts.answers.ask(caller, question, signal)
          : await parts.answers.resume(caller, question, cursor, signal)
      parts.endpoints.noteColumns(found, answer.columns)
      const { receipt, completeness } = answer
      const told = {
        contentType: contentTypes[format],
        fileName: `${input.endpoint}.${format}`,
        partitions: completeness.published,
        partitionsAsked: completeness.expected,
        commitNumber: receipt.commitNumber,
        receipt: receipt.id,
        headers: versionHeaders(found),
      }
      const send = (bytes: Uint8Array, rows: number, next: string | null, etag: string) => {
        const sent = format === 'json' ? enveloped(bytes, answer, next) : bytes
        return {
          ...told,
          rows,
          totalRows: next === null && cursor === null ? rows : null,
          next,
          etag,
          sizeBytes: sent.byteLength,
          open: async () => Readable.from([sent], { objectMode: false }),
        } satisfies StreamOutput
      }
      if (cursor !== null || limit !== undefined) {
        const request = { limit: limit ?? PAGE_ROWS, cursor, format, cells }
        const { bytes, rows, next } = await answer.page(request, signal)
        return send(bytes, rows, next, answer.etag(format, cells, request))
      }
      try {
        const { bytes, rows } = await answer.whole(format, cells, signal)
        if (bytes === null) throw new MillraceError('internal', { message: 'rows without bytes' })
        return send(bytes, rows, null, answer.etag(format, cells))
      } catch (error) {
        const isTooMany = toMillraceError(error).code === 'rows-too-many'
        if (!isTooMany || !caller.permissions.has('export')) throw error
        return await deliverInstead(
          parts,
          caller,
          { question, receipt },
          { format, cells, title: input.endpoint },
        )
      }
    })
  },
})

/** Rows of a page whose size nobody has named. */
const PAGE_ROWS = 1000
