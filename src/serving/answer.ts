import type { Readable } from 'node:stream'

import type { ResultColumn } from '#model/outcome.ts'
import type { Tenant } from '#model/tenant.ts'
import type { RowFormat } from '#model/row-format.ts'
import type { Asker, Cells, Question } from '#serving/question.ts'
import type { Completeness, Receipt } from '#serving/receipt.ts'

/**
 * The one way from a question to rows, behind every door: portal, REST, GraphQL, SDK, CLI, files,
 * databases and mail. Reads the tenant's own published versions only, one consistent set of them.
 */
export interface Answers {
  /**
   * Resolves versions and keeps the receipt; no row has been read yet unless it had to be counted.
   * Throws errors of kind `user` for a question that cannot be answered (unknown column, parameter
   * that its type cannot read, nothing published).
   */
  ask(asker: Asker, question: Question, signal?: AbortSignal): Promise<Answer>
  /**
   * The answer that a cursor of this question belongs to: over the versions of its first page, with
   * its receipt. Throws `cursor-invalid` for what is no cursor of this tenant's question, and
   * `cursor-expired` where those versions are gone.
   */
  resume(asker: Asker, question: Question, cursor: string, signal?: AbortSignal): Promise<Answer>
  /**
   * The answer that has this receipt, over exactly its versions. Throws `version-swept` where they are
   * gone, or where the same question would not give this receipt any more.
   */
  ofReceipt(
    asker: Asker,
    question: Question,
    receipt: Receipt,
    signal?: AbortSignal,
  ): Promise<Answer>
  /** Drops everything that is held in memory of a tenant: something of it must not be shown again. */
  forget(tenant: Tenant): void
  close(): void
}

export interface Answer {
  readonly receipt: Receipt
  readonly columns: readonly ResultColumn[]
  readonly completeness: Completeness
  /** Rows of the whole answer; null: more than the limit of one request (counting stops there). */
  rows(signal?: AbortSignal): Promise<number | null>
  /** Rows of the whole answer, counted to the end; known without counting for a dataset as it is. */
  total(signal?: AbortSignal): Promise<number>
  /** Equal for the same bytes; of the whole answer in that form, or of a page. */
  etag(format: RowFormat, cells: Cells, page?: PageRequest): string
  /**
   * A page in the answer's order, at most `limit` rows. `next` continues behind it over the same
   * versions, however much was published since; null: it was the last.
   */
  page(request: PageRequest, signal?: AbortSignal): Promise<Page>
  /** Every row, as one request may answer them. Throws `rows-too-many` beyond its limit. */
  whole(format: RowFormat, cells: Cells, signal?: AbortSignal): Promise<Whole>
  /** Every row, however many, into a file that the engine writes: equal for equal answers. */
  write(target: FileTarget, signal?: AbortSignal): Promise<WrittenFile>
}

export interface PageRequest {
  /** 1 to 1000. */
  readonly limit: number
  /** `next` of the page before; null: the first. */
  readonly cursor: string | null
  readonly format: RowFormat
  readonly cells: Cells
}

export interface Page {
  readonly bytes: Uint8Array
  readonly rows: number
  readonly next: string | null
}

export interface Whole {
  readonly rows: number
  /** Null: the bytes come from a file that is being read. */
  readonly sizeBytes: number | null
  open(): Promise<Readable>
  /** The whole answer where it is held in memory. */
  readonly bytes: Uint8Array | null
}

export interface FileTarget {
  /** Of a file that does not exist yet, in an existing private folder. */
  readonly path: string
  readonly format: RowFormat
  readonly cells: Cells
  /** At most so many rows; null, or left out: all. */
  readonly limit?: number | null
  onProgress?(progress: { readonly rows: number; readonly bytes: number }): void
}

export interface WrittenFile {
  readonly rows: number
  readonly sizeBytes: number
  /** Of the file's bytes. */
  readonly sha256: string
}
