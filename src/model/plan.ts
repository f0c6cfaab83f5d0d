import type { Selector } from '#model/partition-key-selection.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export type PartitionStateName = 'missing' | 'fresh' | 'stale' | 'pending' | 'failed' | 'held'

/** What a caller asks for; the pure planner turns it into a plan (see factory docs). */
export interface PlanRequest {
  /** Datasets asked for; empty: all. */
  readonly datasets: readonly string[]
  /** Partitions of those datasets (see partition-key-selection.ts); null: every one that is expected. */
  readonly partitions: readonly Selector[] | null
  /** `run`: inputs and downstream too, whatever is missing, stale or failed. `rerun`: exactly these, even if fresh. */
  readonly mode: 'run' | 'rerun'
  /** Of those partitions only the ones in these states; what follows from them is not filtered. */
  readonly only?: readonly PartitionStateName[] | undefined
  /**
   * `run` only, default true: inputs that are stale or failed, and objects that changed. Without it
   * an input that was never built still comes first, for nothing is computed around a hole.
   */
  readonly upstream?: boolean | undefined
  /** Whatever reads what is asked for and is not fresh then. Default: `run` yes, `rerun` no. */
  readonly downstream?: boolean | undefined
  /**
   * Exact places in place of `datasets` × `partitions`. Together with `only` they are added to what
   * the region has in those states.
   */
  readonly targets?: readonly PlanTarget[] | undefined
  /** Which periods come first where slots are short; default `oldest`. */
  readonly order?: 'oldest' | 'newest' | undefined
}

export interface PlanTarget {
  readonly dataset: string
  readonly partitions: readonly PartitionKey[]
}

/** Stands for a dataset where an `expand` task is named: no dataset can be called so. */
export const EXPAND = '(expand)'

/** Why one partition is in the plan. */
export interface Cause {
  readonly kind:
    | 'missing'
    | 'asked'
    | 'code'
    | 'input'
    | 'input-new'
    | 'input-gone'
    | 'object'
    | 'failed'
    | 'held'
    | 'undone'
    | 'pending'
  /** One clause for people: `events 2021-04 changed 2021-04-17`. */
  readonly text: string
}

export interface PlannedTask {
  /** Index within the plan. */
  readonly index: number
  readonly kind: 'build' | 'expand'
  readonly dataset: string
  readonly partition: PartitionKey
  readonly state: PartitionStateName
  readonly certainty: 'certain' | 'conditional'
  readonly forced: boolean
  /** Known today, but queued only by the plan's `expand`, which sees what the sources really hold. */
  readonly deferred: boolean
  readonly causes: readonly Cause[]
  /** Indexes of tasks that have to end before. */
  readonly after: readonly number[]
}

export interface Plan {
  readonly request: PlanRequest
  /** Inputs before what reads them. */
  readonly tasks: readonly PlannedTask[]
  readonly summary: PlanSummary
}

/** What a run remembers of its plan. */
export interface PlanSummary {
  readonly request: PlanRequest
  /** Datasets that an `expand` will add tasks for, when the sources have told their values. */
  readonly later: readonly {
    readonly dataset: string
    readonly grain: string
    readonly reads: string
  }[]
  readonly datasets: readonly {
    readonly dataset: string
    readonly certain: number
    readonly conditional: number
    readonly first: PartitionKey
    readonly last: PartitionKey
  }[]
  readonly tasks: number
  /** From the costs of past attempts; null where there are none. */
  readonly estimatedMs: number | null
  readonly estimatedBytes: number | null
}
