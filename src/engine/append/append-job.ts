import type { JobBase } from '#engine/job-base.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { CheckOutcome, ResultColumn, StagedFile } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SubjectRules } from '#model/subject.ts'
import type { BodyEncoding, BodyFormat } from '#model/append.ts'
import type { Fix, Repair } from '#model/mend.ts'

/** Requests that were acknowledged → rows of one segment and its quarantine; or files → one file. */
export interface AppendJob extends JobBase {
  readonly kind: 'append'
  readonly dataset: string
  readonly source: SourceDefinition
  /** Bodies as they arrived, one after the other; null: there are no requests. */
  readonly bodiesPath: string | null
  readonly requests: readonly AppendRequest[]
  /** The period in which the requests arrived. */
  readonly arrival: PartitionKey
  /** Published rows that go into the new file, too. */
  readonly carry: readonly CarriedPartition[]
  /** Derived columns of those are computed anew, and columns brought to the types of today. */
  readonly recompute: boolean
  /** Quarantines whose rows go into the new one. */
  readonly heldPaths: readonly string[]
  /** Done to the texts of every row before it is judged. */
  readonly repairs: readonly Repair[]
  /** Quarantines whose rows are judged once more, in place of requests; null: there are none. */
  readonly again: { readonly paths: readonly string[]; readonly fixes: readonly Fix[] } | null
  /** About whom nothing is kept; null: about everybody. */
  readonly rules: SubjectRules | null
  readonly stagingFolder: string
}

export interface AppendRequest {
  /** Name of its acknowledgement: the `file` of rows that are held back. */
  readonly id: string
  readonly format: BodyFormat
  readonly encoding: BodyEncoding
  /** Its place in the file of bodies. */
  readonly at: number
  readonly length: number
}

export interface CarriedPartition {
  readonly partition: PartitionKey
  /** Verified local copies, which may hold rows of other partitions, too. */
  readonly paths: readonly string[]
}

export interface AppendResult {
  readonly kind: 'append'
  /** Null where there is no row. */
  readonly file: StagedFile | null
  readonly columns: readonly ResultColumn[]
  /** Of what the file holds, by key. */
  readonly partitions: readonly SegmentPartition[]
  /** Parallel to the job's requests. */
  readonly requests: readonly RequestCounts[]
  /** What became of `again`, by the acknowledgements that the rows came with. */
  readonly again: readonly (RequestCounts & { readonly id: string })[]
  /**
   * Rows that are held back, of the requests, of `heldPaths` and of `again`; null where there are none,
   * and where the same would be said of each row of `again` as before.
   */
  readonly quarantine: StagedFile | null
  /** Something else is said of a row of `again` than before. */
  readonly isMended: boolean
  readonly quarantineReasons: readonly { readonly reason: string; readonly rows: number }[]
}

export interface SegmentPartition {
  readonly partition: PartitionKey
  readonly sums: SumsText
  /** Of its rows: became good by a fix or a repair. */
  readonly repaired: number
  /** For `observes`, by value. */
  readonly observed: Readonly<Record<PartitionKey, SumsText>>
  readonly checks: readonly CheckOutcome[]
}

/** Sums of row hashes as they cross processes: decimal digits. */
export interface SumsText {
  readonly low: string
  readonly high: string
  readonly rows: number
}

export interface RequestCounts {
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
  readonly withheld: number
  readonly erased: number
}
