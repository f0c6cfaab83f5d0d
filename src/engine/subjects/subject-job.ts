import type { JobBase, LiveFile } from '#engine/job-base.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { CheckOutcome, ObservedValue, StagedFile } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SubjectColumn, SubjectRules } from '#model/subject.ts'

/** What is done for and about subjects. `dataset` is what messages name. */
export type SubjectJob = ForgetJob | CompactJob | SeenJob | TraceJob | CollectJob

interface SubjectJobBase extends JobBase {
  readonly dataset: string
}

/** Takes the rows of erased subjects out of one source version; or only counts them. */
export interface ForgetJob extends SubjectJobBase {
  readonly kind: 'subject-forget'
  readonly source: SourceDefinition
  readonly partition: PartitionKey
  /** Verified local copies. Of several files with rows only those of the partition are the version's. */
  readonly dataPaths: readonly string[]
  readonly quarantinePaths: readonly string[]
  /** Names of the fields of quarantined records, where they are known. */
  readonly header: readonly string[] | null
  readonly rules: SubjectRules
  /** Folder for what is written; null: nothing is, only counted. */
  readonly stagingFolder: string | null
}

export interface ForgetResult {
  readonly kind: 'subject-forget'
  readonly erased: number
  readonly erasedQuarantined: number
  /** What is left of the rows; null: nothing was written, or the version has none. */
  readonly data: RowsLeft | null
  readonly quarantine: HeldLeft | null
}

export interface RowsLeft {
  /** Null: no row is left. */
  readonly file: StagedFile | null
  readonly rows: number
  /** Null: no row was taken out, it is what it was. */
  readonly dataVersion: string | null
  readonly observed: readonly ObservedValue[]
  readonly checks: readonly CheckOutcome[]
}

export interface HeldLeft {
  readonly file: StagedFile | null
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
}

/** Copies a file of several partitions with the rows of those that stay. */
export interface CompactJob extends SubjectJobBase {
  readonly kind: 'subject-compact'
  readonly path: string
  readonly stay: readonly PartitionKey[]
  readonly stagingFolder: string
}

export interface CompactResult {
  readonly kind: 'subject-compact'
  readonly file: StagedFile
}

/** Live files of a dataset and the columns of them that name subjects. */
export interface SubjectFiles {
  readonly dataset: string
  readonly files: readonly LiveFile[]
  readonly columns: readonly SubjectColumn[]
  /** Column that says when a row happened. */
  readonly time: string | null
}

/** Subjects of one kind, in the order of their bytes. */
export interface SeenJob extends SubjectJobBase {
  readonly kind: 'subject-seen'
  readonly sources: readonly SubjectFiles[]
  readonly prefix: string
  readonly after: string | null
  /** Only these; null: everybody. */
  readonly values: readonly string[] | null
  readonly limit: number
}

export interface SeenResult {
  readonly kind: 'subject-seen'
  readonly subjects: readonly SeenSubject[]
}

/** Times in milliseconds since 1970; null where the source does not say. */
export interface SeenSubject {
  readonly value: string
  readonly rows: number
  readonly firstMs: number | null
  readonly lastMs: number | null
}

/** Where rows of one subject lie. */
export interface TraceJob extends SubjectJobBase {
  readonly kind: 'subject-trace'
  readonly datasets: readonly SubjectFiles[]
  readonly value: string
}

export interface TraceResult {
  readonly kind: 'subject-trace'
  readonly places: readonly (Omit<SeenSubject, 'value'> & {
    readonly dataset: string
    readonly partition: PartitionKey
  })[]
}

/** All rows of one subject as lines of JSON: dataset, partition, row. One file for each dataset that has some. */
export interface CollectJob extends SubjectJobBase {
  readonly kind: 'subject-collect'
  readonly datasets: readonly SubjectFiles[]
  readonly value: string
  /** Existing folder. */
  readonly toFolder: string
}

export interface CollectResult {
  readonly kind: 'subject-collect'
  readonly rows: number
  readonly paths: readonly string[]
}

export type SubjectResult = ForgetResult | CompactResult | SeenResult | TraceResult | CollectResult
