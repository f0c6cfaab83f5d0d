import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { streamOf } from '#kernel/held-bytes.ts'
import { deliverInstead } from '#operations/deliveries/accepted.ts'
import type { OperationContext, StreamOutput } from '#operations/operation.ts'
import { contentTypes } from '#operations/rows/content-types.ts'
import { enveloped } from '#operations/rows/envelope.ts'
import type { Answer } from '#serving/answer.ts'
import type { RowFormat } from '#model/row-format.ts'
import type { Cells, Question } from '#serving/question.ts'

/** How the rows of one question are handed over. */
export interface Sending {
  readonly question: Question
  readonly answer: Answer
  /** Of the file, without its ending, and of the delivery that many rows become. */
  readonly title: string
  readonly format: RowFormat
  readonly cells: Cells
  /** Null and null: all rows. */
  readonly limit: number | null
  readonly cursor: string | null
  readonly headers: Readonly<Record<string, string>>
}

/** Rows of a page whose size nobody has named. */
const PAGE_ROWS = 1000

/** A page or all rows; more than one request may answer become a delivery. Throws `rows-too-many`. */
export async function sendAnswer(
  { parts, caller, signal }: OperationContext,
  { question, answer, title, format, cells, limit, cursor, headers }: Sending,
): Promise<StreamOutput> {
  const { receipt, completeness } = answer
  const told = {
    contentType: contentTypes[format],
    fileName: `${title}.${format}`,
    partitions: completeness.published,
    partitionsAsked: completeness.expected,
    commitNumber: receipt.commitNumber,
    receipt: receipt.id,
    headers,
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
      open: async () => streamOf(sent),
    } satisfies StreamOutput
  }
  if (cursor !== null || limit !== null) {
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
  }
  return deliverInstead(parts, caller, { question, receipt }, { format, cells, title })
}
