import type { Catalog } from '#catalog/catalog.ts'
import type { Readers } from '#engine/readers/query-job.ts'
import type { Factory } from '#factory/factory.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Lake } from '#lake/lake.ts'
import type { Receipts } from '#serving/receipt.ts'

export interface AnswerLimits {
  /** Rows that one request may answer, unless an endpoint says otherwise. */
  readonly rowsMax: number
  /** Bytes that one request may answer. */
  readonly bytesMax: number
  /** Longest time of one request's query, and of one that writes a file. */
  readonly deadlineMs: number
  readonly fileDeadlineMs: number
  /** Memory for answers that were given. */
  readonly cacheBytes: number
}

export interface AnswerParts {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly readers: Readers
  readonly factory: Pick<Factory, 'forTenant'>
  readonly receipts: Receipts
  /** Keys of cursors, which are the same in every process of a deployment; the first seals. */
  readonly cursorKeys: readonly Uint8Array[]
  readonly clock: Clock
  readonly limits: AnswerLimits
}
