import type { ErrorData } from '#kernel/errors.ts'
import type { CheckOutcome } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Run, SourceOrigin, TaskState } from '#model/run.ts'

/** Everything that a person watching a run wants to see, at one moment. Plain data, sent as JSON. */
export interface RunView {
  readonly run: Run
  /** Changes whenever anything below does; hand it back to wait for the next change. */
  readonly revision: string
  /** In the plan's order: inputs first. */
  readonly datasets: readonly DatasetProgress[]
  /** What slots are busy with; known in the process that runs them, empty elsewhere. */
  readonly active: readonly ActiveWork[]
  readonly failures: readonly TaskFailure[]
  readonly sources: readonly ({
    readonly dataset: string
    readonly partition: PartitionKey
  } & SourceOrigin)[]
  /** Checks that did not pass, blocking ones first. */
  readonly checks: readonly ({
    readonly dataset: string
    readonly partition: PartitionKey
  } & CheckOutcome)[]
  /** From the costs of past attempts; null where there are none. */
  readonly remainingMs: number | null
}

export interface DatasetProgress {
  readonly dataset: string
  readonly kind: 'source' | 'analysis'
  readonly counts: Readonly<Record<TaskState, number>>
  /** Rows published by this run. */
  readonly rows: number
  /** Sum of the attempts' wall times. */
  readonly wallMs: number
}

export interface ActiveWork {
  readonly dataset: string
  readonly partitions: readonly PartitionKey[]
  readonly step: 'fetch' | 'scan' | 'convert' | 'query' | 'check' | 'write' | 'publish'
  readonly bytes: number | null
  readonly totalBytes: number | null
}

export interface TaskFailure {
  readonly taskId: number
  readonly dataset: string
  readonly partition: PartitionKey
  readonly state: 'failed' | 'held' | 'skipped'
  readonly error: ErrorData | null
}
