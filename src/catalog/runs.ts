import type { TenantSession } from '#catalog/session.ts'
import type { CheckOutcome } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanSummary } from '#model/plan.ts'
import type { Run, SourceOrigin, Task, TaskKind, TaskState } from '#model/run.ts'
import type { TaskFailure } from '#model/run-view.ts'

export interface NewTask {
  readonly kind: TaskKind
  readonly dataset: string
  readonly partition: PartitionKey
  readonly conditional: boolean
  readonly forced: boolean
  readonly reason: string
  /** Positions in the same list whose success is waited for; if one fails, this one is skipped. */
  readonly after: readonly number[]
  /** Positions in the same list whose end is waited for, however it comes out. */
  readonly afterEnd?: readonly number[]
  /** Ids of tasks of the same run that exist already; waited for like `after`. */
  readonly afterTasks?: readonly number[]
  /** Higher first; default 0. */
  readonly priority?: number
  /** Attempts before it fails for good; default 3. */
  readonly maxAttempts?: number
}

export interface NewRun {
  readonly id: string
  readonly cause: string
  readonly title: string
  readonly plan: PlanSummary
}

/**
 * A run with its tasks, in the queue when the transaction commits. Returns the tasks' ids, parallel
 * to the list. A run without tasks is done at once.
 */
export async function createRun(
  _session: TenantSession,
  _run: NewRun,
  _tasks: readonly NewTask[],
): Promise<{ run: Run; taskIds: number[] }> {
  throw new Error('to be written')
}

/**
 * More tasks for a running run (from an `expand`, before it ends). Returns their ids; none when the
 * run is being cancelled. Throws `run-unknown`, `run-ended`.
 */
export async function addTasks(
  _session: TenantSession,
  _runId: string,
  _tasks: readonly NewTask[],
): Promise<number[]> {
  throw new Error('to be written')
}

/** Null when the tenant has no such run. */
export async function getRun(_session: TenantSession, _runId: string): Promise<Run | null> {
  throw new Error('to be written')
}

/** Newest first. `before`: ids older than this one, to page on. */
export async function listRuns(
  _session: TenantSession,
  _options: { readonly limit: number; readonly before?: string; readonly state?: Run['state'] },
): Promise<Run[]> {
  throw new Error('to be written')
}

export interface RunProgress {
  readonly run: Run
  /** True once somebody asked for its end. */
  readonly cancelling: boolean
  /** Inputs first. */
  readonly datasets: readonly {
    readonly dataset: string
    readonly counts: Readonly<Record<TaskState, number>>
    /** Rows published by this run. */
    readonly rows: number
    /** Sum of the ended attempts' wall times. */
    readonly wallMs: number
  }[]
  readonly running: readonly {
    readonly taskId: number
    readonly dataset: string
    readonly partition: PartitionKey
    readonly worker: string
    readonly startedAt: Date
  }[]
  /** The first 100 that failed, were held or skipped, in the order of the plan. */
  readonly failures: readonly TaskFailure[]
}

/** Cheap enough to be asked ten times a second, whatever the run's size. Throws `run-unknown`. */
export async function runProgress(_session: TenantSession, _runId: string): Promise<RunProgress> {
  throw new Error('to be written')
}

export interface RunFindings {
  readonly sources: readonly ({
    readonly dataset: string
    readonly partition: PartitionKey
  } & SourceOrigin)[]
  /** Checks that did not pass, blocking ones first, at most 100. */
  readonly checks: readonly ({
    readonly dataset: string
    readonly partition: PartitionKey
  } & CheckOutcome)[]
}

/** What the versions that a run wrote say about themselves. */
export async function runFindings(_session: TenantSession, _runId: string): Promise<RunFindings> {
  throw new Error('to be written')
}

/** Throws `run-unknown`. Tasks that wait end at once; running ones are told by their heartbeat. */
export async function cancelRun(_session: TenantSession, _runId: string): Promise<Run> {
  throw new Error('to be written')
}

export interface TaskFilter {
  readonly runId?: string
  readonly dataset?: string
  readonly states?: readonly TaskState[]
  readonly limit: number
}

/** In the order of the plan, newest run first. */
export async function listTasks(_session: TenantSession, _filter: TaskFilter): Promise<Task[]> {
  throw new Error('to be written')
}

/** Null when the tenant has no such task. */
export async function getTask(_session: TenantSession, _taskId: number): Promise<Task | null> {
  throw new Error('to be written')
}
