import type { Lease } from '#catalog/queue.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { ErrorData } from '#kernel/errors.ts'
import type { JobCost } from '#model/outcome.ts'

export interface TaskEnd extends Lease {
  readonly state: 'unchanged' | 'done' | 'failed' | 'cancelled'
  readonly error?: ErrorData | undefined
  readonly cost?: JobCost | undefined
}

/**
 * Ends tasks of one run that publish nothing; releases or skips what waits for them, ends the run
 * with its last task. Throws `lease-lost` when one of them is no longer ours, and changes nothing.
 */
export async function endTasks(
  _session: TenantSession,
  _runId: string,
  _ends: readonly TaskEnd[],
): Promise<void> {
  throw new Error('to be written')
}

export interface TaskRetry extends Lease {
  readonly error: ErrorData
  readonly cost?: JobCost | undefined
  readonly delayMs: number
  /** Run it in a batch of its own next time, so that it cannot fail others. */
  readonly alone: boolean
}

/**
 * Ends the attempts; tasks with attempts left become ready again after the delay, the others (and
 * those whose error is not retryable) end `failed`. Fenced like {@link endTasks}.
 */
export async function retryTasks(
  _session: TenantSession,
  _runId: string,
  _retries: readonly TaskRetry[],
): Promise<{ retried: number[]; failed: number[] }> {
  throw new Error('to be written')
}

/** Gives tasks back untried (a worker that stops): ready at once, and the attempt does not count. */
export async function releaseTasks(
  _session: TenantSession,
  _runId: string,
  _leases: readonly Lease[],
): Promise<void> {
  throw new Error('to be written')
}
