import type { JobBase, LiveFile } from '#engine/job-base.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { Check, Partitioning, SourceDefinition } from '#model/definition.ts'
import type {
  JobCost,
  ObservedValue,
  PartitionOutcome,
  ResultColumn,
  StagedFile,
} from '#model/outcome.ts'
import type { Grain, PartitionKey } from '#model/partition-key.ts'
import type { Mends } from '#model/mend.ts'
import type { SubjectRules } from '#model/subject.ts'
import type { AppendJob, AppendResult } from '#engine/append/append-job.ts'
import type { FiguresJob, FiguresResult, HeldJob, HeldResult } from '#engine/convert/held-job.ts'
import type { SubjectJob, SubjectResult } from '#engine/subjects/subject-job.ts'

/**
 * What the parent asks of an engine child, and what comes back: plain data over the IPC channel.
 * The child never sees the catalog, a key or a connection; it reads the files that a job names and
 * writes below the job's staging folder. One job at a time; each job has a fresh DuckDB instance.
 */
export type Job = AppendJob | ConvertJob | BuildJob | InspectJob | HeldJob | FiguresJob | SubjectJob

/** Raw object → typed rows of one source partition + its quarantine. */
export interface ConvertJob extends JobBase {
  readonly kind: 'convert'
  readonly source: SourceDefinition
  readonly partition: PartitionKey
  readonly rawPath: string
  /** Address of the object, for the quarantine's rows. */
  readonly location: string
  /** Existing folder of this attempt; the child chooses file names in it. */
  readonly stagingFolder: string
  /** About whom nothing is kept; null: about everybody. */
  readonly rules?: SubjectRules | null
  /** What is to be done with its records while they are read; null: nothing. */
  readonly mends?: Mends | null
}

/** How the rows of an input are dealt to the partitions that are being built. */
export type Deal =
  /** Every partition reads all rows of the input. */
  | { readonly kind: 'all' }
  /** Partition `partition` reads the rows of the input's partition `input`. */
  | { readonly kind: 'pairs'; readonly pairs: readonly DealtPair[] }
  /** A partition reads the rows whose timestamp column lies in its period (of its pairs only, where there are any). */
  | {
      readonly kind: 'period'
      readonly column: string
      readonly grain: Grain
      readonly pairs?: readonly DealtPair[]
    }

export interface DealtPair {
  readonly partition: PartitionKey
  readonly input: PartitionKey
}

export interface JobInput {
  readonly dataset: string
  readonly files: readonly LiveFile[]
  readonly deal: Deal
  /**
   * Of a job that is cut into shards: `own`, the input is cut alike and dealt by its partitions;
   * `by-hash`, of what is dealt a shard takes the rows whose hash is its own (all of them, where the
   * input lacks the column); `whole`, all rows.
   */
  readonly shards?: 'own' | 'by-hash' | 'whole'
  /** Columns of an input that has no file yet (first partition of *previous*); null: taken from the files. */
  readonly columns: readonly ResultColumn[] | null
}

/** Rows of up to 256 partitions of one analysis, into one file. */
export interface BuildJob extends JobBase, Partitioning {
  readonly kind: 'build'
  readonly dataset: string
  readonly language: 'sql' | 'typescript'
  readonly text: string
  readonly partitions: readonly PartitionKey[]
  readonly inputs: readonly JobInput[]
  readonly checks: readonly Check[]
  readonly order: string | null
  readonly stagingFolder: string
}

/** Columns of a SELECT over inputs that may not exist yet, and whether it binds at all. */
export interface InspectJob extends JobBase {
  readonly kind: 'inspect'
  readonly dataset: string
  readonly text: string
  readonly inputs: readonly {
    readonly dataset: string
    readonly columns: readonly ResultColumn[]
  }[]
}

export interface ConvertResult {
  readonly kind: 'convert'
  /** Of the raw object's bytes as they arrived (before any decompression). */
  readonly rawSha256: string
  readonly rawBytes: number
  readonly received: number
  readonly accepted: number
  /** Rows that a repair or a fix changed; not counted as accepted. */
  readonly repaired: number
  readonly quarantined: number
  /** Rows of subjects whose collection is off, and of those that were erased: stored nowhere. */
  readonly withheld: number
  readonly erased: number
  /** Names of the fields of CSV, in the file's order; null: each record names its own. */
  readonly header: readonly string[] | null
  /** Null where there is no accepted row. */
  readonly file: StagedFile | null
  readonly columns: readonly ResultColumn[]
  readonly outcome: PartitionOutcome
  /** For `observes`: data version and rows of every period that the rows fall into, in key order. */
  readonly observed: readonly ObservedValue[]
  /** Parquet file of the rows held back; null where there are none. */
  readonly quarantine: StagedFile | null
  readonly quarantineReasons: readonly { readonly reason: string; readonly rows: number }[]
}

export interface BuildResult {
  readonly kind: 'build'
  readonly file: StagedFile | null
  readonly columns: readonly ResultColumn[]
  /** In the job's order of partitions; a partition without rows is there with 0. */
  readonly outcomes: readonly PartitionOutcome[]
  /** How it ran: one statement for all partitions, or one each. */
  readonly mode: 'set' | 'loop'
  readonly logs: readonly string[]
}

export interface InspectResult {
  readonly kind: 'inspect'
  readonly columns: readonly ResultColumn[]
}

export type JobResult =
  | AppendResult
  | ConvertResult
  | BuildResult
  | InspectResult
  | HeldResult
  | FiguresResult
  | SubjectResult

export type ToChild =
  | { readonly type: 'job'; readonly id: number; readonly job: Job }
  | { readonly type: 'cancel'; readonly id: number }

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly id: number; readonly progress: JobProgress }
  | {
      readonly type: 'done'
      readonly id: number
      readonly result: JobResult
      readonly cost: JobCost
    }
  | {
      readonly type: 'failed'
      readonly id: number
      readonly error: ErrorData
      readonly cost: JobCost
      readonly partition: PartitionKey | null
      readonly broken: boolean
    }

export interface JobProgress {
  readonly step: 'scan' | 'convert' | 'query' | 'check' | 'write'
  readonly bytes?: number
  readonly totalBytes?: number
  readonly rows?: number
}
