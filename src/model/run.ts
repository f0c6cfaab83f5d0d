import type { CheckOutcome, JobCost, ObservedValue, ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanSummary } from '#model/plan.ts'

export type RunState = 'running' | 'done' | 'failed' | 'cancelled'

export type TaskKind =
  /** One partition of one dataset. */
  | 'build'
  /** Plans on, once the source partitions that it waits for have told which values they hold. */
  | 'expand'
  /** Slow work that a service asked for by name; belongs to no run. */
  | 'background'
  /** Looks at a trigger that is due, and starts the run that follows from it. */
  | 'trigger'
  /** Brings an answer to where it was asked for. */
  | 'delivery'

/**
 * Who carries a task out. `factory`, `code`: a slot of ours (with an engine, or with a function of a
 * pack); `call`: an address of another service; `pull`: a worker of another service that leases it.
 */
export type TaskHandler = 'factory' | 'code' | 'call' | 'pull' | 'delivery'

/** `backfill` is served when nothing `normal` can be. */
export type TaskClass = 'normal' | 'backfill'

/**
 * waiting → ready → running → done | unchanged | held | failed | cancelled
 *                      ↓ ↑ (retry after a delay, or the lease ran out)
 * A task whose input failed, was held or cancelled ends `skipped`.
 */
export type TaskState =
  | 'waiting'
  | 'ready'
  | 'running'
  | 'done'
  | 'unchanged'
  | 'held'
  | 'failed'
  | 'skipped'
  | 'cancelled'

export interface Run {
  readonly id: string
  readonly state: RunState
  /** What started it: `manual`, `demo`, … */
  readonly cause: string
  /** The request in a person's words: `run events --month 2021-04`. */
  readonly title: string
  readonly createdAt: Date
  readonly endedAt: Date | null
  readonly undoneAt: Date | null
  readonly plan: PlanSummary
}

/** The run that made a version; null where rows that were sent in were written without one. */
export function runOf(cause: string): string | null {
  return cause.startsWith('run_') ? cause : null
}

export interface Task {
  readonly id: number
  readonly runId: string
  readonly kind: TaskKind
  readonly dataset: string
  readonly partition: PartitionKey
  readonly state: TaskState
  readonly conditional: boolean
  /** Run even if the fingerprint is equal (`rerun`). */
  readonly forced: boolean
  readonly reason: string
  readonly attempts: number
  readonly startedAt: Date | null
  readonly endedAt: Date | null
  readonly error: string | null
  readonly rows: number | null
}

/** A task that this worker holds a lease on. */
export interface ClaimedTask {
  readonly id: number
  readonly tenantId: number
  readonly tenantSlug: string
  /** Empty: it belongs to no run. */
  readonly runId: string
  readonly kind: TaskKind
  readonly handler: TaskHandler
  /** Of a background task: its name. */
  readonly dataset: string
  readonly partition: PartitionKey
  readonly conditional: boolean
  readonly forced: boolean
  /** Longest attempt; null: as long as its lease is renewed. */
  readonly timeoutMs: number | null
  /** Number of this attempt, from 1. */
  readonly attempt: number
  /** Fencing number: every write for this attempt names it, and one that is no longer current is refused. */
  readonly fence: number
}

/** One partition of a publish. */
export interface PublishedPartition {
  readonly taskId: number
  readonly fence: number
  readonly partition: PartitionKey
  readonly fingerprint: string
  readonly codeVersion: string
  readonly dataVersion: string
  readonly rows: number
  readonly columns: readonly ResultColumn[]
  readonly checks: readonly CheckOutcome[]
  /** A blocking check failed: the version is kept, the pointer stays. */
  readonly held: boolean
  readonly observed: readonly ObservedValue[] | null
  /** What it was computed from, for receipts and for the reasons of later plans. */
  readonly inputs: readonly VersionInput[]
  /** For sources: the object, and the counts that must add up. */
  readonly origin: SourceOrigin | null
  /** True: its rows (if any) are in the publish's data file. */
  readonly cost: JobCost
}

/** One input of a version: which data of which partition (or of one observed value of it). */
export interface VersionInput {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly value?: PartitionKey
  readonly dataVersion: string
}

export interface SourceOrigin {
  readonly location: string
  readonly etag: string
  readonly sizeBytes: number
  readonly modifiedAt: string
  readonly sha256: string
  readonly received: number
  readonly accepted: number
  readonly repaired: number
  readonly quarantined: number
  /** Rows of subjects whose collection is off; they are stored nowhere. Absent: none. */
  readonly withheld?: number
  /** Rows of subjects that were erased. Absent: none. */
  readonly erased?: number
  /** Names in the file's header, in their order: what the fields of a quarantined row are. */
  readonly header?: readonly string[]
  readonly reasons: readonly { readonly reason: string; readonly rows: number }[]
}
