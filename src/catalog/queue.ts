import type { SystemSession } from '#catalog/session.ts'
import type { ClaimedTask, TaskKind } from '#model/run.ts'

export interface Lease {
  readonly taskId: number
  readonly fence: number
}

export interface ClaimRequest {
  /** Name of the slot's process, for attempts and messages. */
  readonly worker: string
  readonly leaseMs: number
  /** Largest batch; a task that is retried alone comes alone. */
  readonly maxTasks: number
  readonly kinds: readonly TaskKind[]
}

/**
 * One batch for one slot: tasks of one tenant, run, dataset and kind, leased to the worker, in the
 * order of the plan; empty when nothing is ready. The tenant with the fewest busy slots for its
 * weight comes first. All tasks of a batch share one fencing number, which no other claim ever has.
 */
export async function claim(
  _session: SystemSession,
  _request: ClaimRequest,
): Promise<ClaimedTask[]> {
  throw new Error('to be written')
}

export interface Heartbeat {
  /** Somebody else has them, or they have ended: stop, publish nothing. */
  readonly lost: readonly number[]
  /** Ours still, but the run is being cancelled: stop and end them `cancelled`. */
  readonly cancel: readonly number[]
}

/** Makes leases last `leaseMs` from now; one that ran out is renewed if nobody else took the task. */
export async function heartbeat(
  _session: SystemSession,
  _leases: readonly Lease[],
  _leaseMs: number,
): Promise<Heartbeat> {
  throw new Error('to be written')
}

export interface Expired {
  readonly taskId: number
  readonly tenantId: number
  readonly runId: string
  readonly worker: string
  /** `failed`: it had no attempt left. */
  readonly state: 'ready' | 'failed'
}

/** Takes tasks back whose lease ran out: ready again, or failed after their last attempt. */
export async function requeueExpired(_session: SystemSession): Promise<Expired[]> {
  throw new Error('to be written')
}

/** Milliseconds until a delayed task becomes ready or a lease runs out; null: nothing to wait for. */
export async function nextWakeMs(_session: SystemSession): Promise<number | null> {
  throw new Error('to be written')
}
