import type { JobBase } from '#engine/job-base.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** Records that were held back, from the quarantine files of some partitions. */
export interface HeldJob extends JobBase {
  readonly kind: 'held'
  readonly dataset: string
  readonly files: readonly { readonly partition: PartitionKey; readonly path: string }[]
  /** Each that is not null has to fit. */
  readonly where: {
    readonly reason: string | null
    readonly records: readonly string[] | null
    readonly lines: readonly number[] | null
  }
  /** Only what comes behind this place; null: from the beginning. */
  readonly after: HeldPlace | null
  readonly limit: number | null
  readonly format: 'csv' | 'json' | 'ndjson'
  /** `header` is told, too: the names of a row's fields, as a list in JSON. */
  readonly headers: boolean
  readonly toPath: string
}

/** Records are in the order of their places. */
export interface HeldPlace {
  readonly partition: PartitionKey
  readonly file: string
  readonly byteOffset: number
}

export interface HeldResult {
  readonly kind: 'held'
  readonly rows: number
}

/** Rows and sums of some partitions of a dataset: as they are published, and as they would be. */
export interface FiguresJob extends JobBase {
  readonly kind: 'figures'
  readonly dataset: string
  readonly partitions: readonly PartitionKey[]
  readonly before: readonly string[]
  readonly after: readonly string[]
}

export interface Figures {
  readonly rows: number
  /** Of every numeric column, as text in all digits; null: no value in it. */
  readonly sums: Readonly<Record<string, string | null>>
}

export interface FiguresResult {
  readonly kind: 'figures'
  readonly before: Figures
  readonly after: Figures
}
