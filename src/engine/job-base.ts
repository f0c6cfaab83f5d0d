import type { PartitionKey } from '#model/partition-key.ts'

/** What every job of an engine child has. */
export interface JobBase {
  /** Limits of the engine instance. `deadlineMs` counts from the job's start: interrupt then, kill 2 s later. */
  readonly limits: {
    readonly memoryBytes: number
    readonly threads: number
    readonly deadlineMs: number
  }
  /** Private folder for spilling; exists and is empty. */
  readonly tempFolder: string
}

/** A published file and which of its partitions are live; null: all of them. */
export interface LiveFile {
  readonly path: string
  readonly partitions: readonly PartitionKey[] | null
}
