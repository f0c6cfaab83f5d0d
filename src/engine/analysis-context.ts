import type { PartitionKey } from '#model/partition-key.ts'

/** A value of a row, as a TypeScript analysis reads and returns it. BIGINT comes as bigint. */
export type AnalysisValue =
  | null
  | string
  | number
  | bigint
  | boolean
  | Date
  | readonly AnalysisValue[]
  | { readonly [field: string]: AnalysisValue }

export type AnalysisRow = Readonly<Record<string, AnalysisValue>>

/** What a TypeScript analysis gets for each partition. */
export interface AnalysisContext {
  readonly partition: PartitionKey
  /** First instant of the partition's period, and the first after it (UTC). */
  readonly startsAt: Date
  readonly endsAt: Date
  /** Value of the key, and number of the shard (from 0), of an analysis that is cut so; else null. */
  readonly value: string | null
  readonly shard: number | null
  /** Runs a SELECT over the inputs, which hold only the rows dealt to this partition. */
  query(sql: string): Promise<readonly AnalysisRow[]>
  /** A line for the task's log. */
  log(line: string): void
}

/**
 * The partition's rows: the text of a SELECT over the inputs (for results of any size), or rows of
 * one's own under declared engine types (`{ columns: { email: 'VARCHAR', events: 'BIGINT' }, rows }`).
 */
export type AnalysisResult =
  | string
  | { readonly columns: Readonly<Record<string, string>>; readonly rows: readonly AnalysisRow[] }

/** Default export of a bundled TypeScript analysis. Equal input must give equal rows. */
export interface AnalysisModule {
  run(context: AnalysisContext): Promise<AnalysisResult> | AnalysisResult
}
