import type { RunOrigin } from '#factory/apply-plan.ts'
import type { MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import type { MendsPreview } from '#factory/preview/mends-preview.ts'
import type { ProposedPlan } from '#factory/proposed-plan.ts'
import type { OptionsTried } from '#factory/sources.ts'
import type { SourceFound } from '#factory/try-source.ts'
import type { Undone } from '#catalog/undo.ts'
import type { DatasetDefinition, SourceDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PartitionStateName, Plan, PlanRequest } from '#model/plan.ts'
import type { Run } from '#model/run.ts'
import type { RunView } from '#model/run-view.ts'
import type { Tenant } from '#model/tenant.ts'

/**
 * The factory as operations see it: plans, runs and their progress. One implementation
 * (`createFactory`), over the catalog, the lake, the engine and the connectors.
 */
export interface Factory {
  /** Inputs before what reads them. Of `forTenant` those that the tenant sees, else all of them. */
  readonly datasets: readonly DatasetDefinition[]

  /** Names of the packs that a tenant has; null: all that are deployed. */
  packsOf(tenant: Tenant): Promise<readonly string[] | null>

  /** The same factory with the tenant's datasets; everything below sees no others of it anyway. */
  forTenant(tenant: Tenant): Promise<Factory>

  /** What would run, and why; changes nothing. */
  plan(tenant: Tenant, request: PlanRequest): Promise<Plan>

  /** The same with the token that applies it; the plan is remembered for a day. */
  propose(tenant: Tenant, request: PlanRequest): Promise<ProposedPlan>

  /** Plans and applies: the tasks are in the queue when it returns. Null: there is nothing to do. */
  start(
    tenant: Tenant,
    request: PlanRequest,
    why: RunOrigin,
  ): Promise<{ readonly plan: Plan; readonly run: Run | null }>

  /**
   * Applies a plan that was proposed, unless the world has moved. `request`: what the caller takes
   * it for; null: whatever it is. Throws `plan-unknown`, `plan-differs`, `plan-moved`.
   */
  apply(
    tenant: Tenant,
    token: string,
    request: PlanRequest | null,
    why: RunOrigin,
  ): Promise<{ readonly plan: Plan; readonly run: Run | null }>

  /** The run now, or as soon as it differs from `after`, at the latest after `waitMs`. */
  view(
    tenant: Tenant,
    runId: string,
    wait?: { readonly after: string; readonly waitMs: number; readonly signal?: AbortSignal },
  ): Promise<RunView>

  /** Waiting tasks end at once, running ones as soon as their child has stopped. */
  cancel(tenant: Tenant, runId: string): Promise<Run>

  /** Puts the former versions back where this run's are still the current ones. */
  undo(tenant: Tenant, runId: string): Promise<UndoResult>

  /**
   * What the fixes and repairs of a source that wait would do: reads the partitions and computes what
   * reads them, and publishes nothing. Throws what reading and computing throw.
   */
  previewMends(
    tenant: Tenant,
    asked: { readonly dataset: string; readonly partitions: readonly PartitionKey[] },
    signal: AbortSignal,
  ): Promise<MendsPreview>

  /**
   * The state of every partition as the matrix shows it, remembered for as long as nothing changes.
   * `exact`: nothing that was committed before the call is missing; default: it may lag by seconds
   * while much changes, and says so.
   */
  matrix(tenant: Tenant, how?: { readonly exact?: boolean }): Promise<MatrixSnapshot>

  /**
   * What lies where a source would read with its options changed so; keeps nothing. `folder`: a private
   * one that does not exist yet. Throws `source-unconfigured`, `location-invalid` and what connectors do.
   */
  trySource(
    tenant: Tenant,
    source: SourceDefinition,
    change: OptionsTried,
    folder: string,
    signal: AbortSignal,
  ): Promise<SourceFound>

  /** State of every expected partition of the datasets (all of them when empty). */
  status(tenant: Tenant, datasets: readonly string[]): Promise<DatasetStatus[]>
}

export interface UndoResult extends Undone {
  readonly run: Run
}

export interface DatasetStatus {
  readonly dataset: string
  readonly kind: 'source' | 'analysis'
  readonly description: string
  readonly grain: string
  /** Changes of code that were declared harmless, with how many partitions they keep fresh. */
  readonly accepted: readonly {
    readonly from: string
    readonly by: string
    readonly at: string
    readonly why: string
    readonly partitions: number
  }[]
  /** The rule about its age; null: none. */
  readonly freshness: {
    readonly maxAgeMs: number
    readonly state: string
    readonly breachAt: string | null
  } | null
  readonly partitions: readonly {
    readonly partition: PartitionKey
    readonly state: PartitionStateName
    readonly causes: readonly string[]
    readonly rows: number | null
    readonly publishedAt: string | null
    readonly runId: string | null
  }[]
}
