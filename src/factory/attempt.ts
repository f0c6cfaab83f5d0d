import { appendLogs, type LogLine } from '#catalog/logs.ts'
import { endTasks, releaseTasks, retryTasks } from '#catalog/task-ends.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { toErrorData, toMillraceError } from '#kernel/errors.ts'
import { backoffMs } from '#kernel/retry.ts'
import type { JobCost } from '#model/outcome.ts'
import type { ActiveWork } from '#model/run-view.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** Why work on a batch is aborted from outside; the signal's reason. */
export type StopReason = 'cancelled' | 'lease-lost' | 'stopping'

/** One try of one batch: who asks, what to report to, and how it ends. */
export interface Attempt {
  readonly tenant: Tenant
  readonly tasks: readonly ClaimedTask[]
  readonly signal: AbortSignal
  /** Name of its staging folder and of its files. */
  readonly name: string
  log(level: LogLine['level'], message: string): void
  report(step: ActiveWork['step'], bytes?: number, totalBytes?: number): void
  /** Writes the log lines and clears the board. */
  close(): Promise<void>
}

export function openAttempt(
  parts: Pick<FactoryParts, 'board' | 'catalog' | 'clock' | 'log'>,
  tenant: Tenant,
  tasks: readonly ClaimedTask[],
  signal: AbortSignal,
): Attempt {
  const [first] = tasks as readonly [ClaimedTask, ...ClaimedTask[]]
  const name = `t${first.id}-f${first.fence}`
  const lines: LogLine[] = []
  const about = { dataset: first.dataset, partitions: tasks.map((task) => task.partition) }
  return {
    tenant,
    tasks,
    signal,
    name,
    log(level, message) {
      for (const task of tasks) {
        lines.push({
          taskId: task.id,
          attempt: task.attempt,
          at: parts.clock.now(),
          level,
          message,
        })
      }
    },
    report(step, bytes, totalBytes) {
      const amounts = { bytes: bytes ?? null, totalBytes: totalBytes ?? null }
      parts.board.set(name, first.runId, { ...about, step, ...amounts })
    },
    async close() {
      parts.board.set(name, first.runId, null)
      if (lines.length === 0) return
      await parts.catalog
        .asTenant(tenant, (session) => appendLogs(session, lines))
        .catch((error: unknown) => parts.log.warn('writing the log of a task', { error }))
    },
  }
}

const BACKOFF = { firstMs: 1_000, factor: 4, ceilingMs: 60_000 }

/**
 * Ends tasks whose attempt threw: given back when this worker stops, cancelled when the run is,
 * left alone when they are another worker's by now, tried again or failed otherwise.
 */
export async function endUnsuccessfully(
  parts: Pick<FactoryParts, 'catalog' | 'random' | 'log'>,
  attempt: Attempt,
  tasks: readonly ClaimedTask[],
  thrown: unknown,
  cost?: JobCost,
): Promise<void> {
  const runId = (tasks[0] as ClaimedTask).runId
  const leases = tasks.map((task) => ({ taskId: task.id, fence: task.fence }))
  const stop = attempt.signal.aborted ? (attempt.signal.reason as StopReason) : null
  const error = toErrorData(thrown)
  if (stop === 'lease-lost' || error.code === 'lease-lost') {
    parts.log.warn('an attempt lost its lease; nothing of it was published', {
      attempt: attempt.name,
    })
    return
  }
  await parts.catalog.asTenant(attempt.tenant, async (session) => {
    if (stop === 'stopping') return releaseTasks(session, runId, leases)
    if (stop === 'cancelled') {
      return endTasks(
        session,
        runId,
        leases.map((lease) => ({ ...lease, state: 'cancelled', error, cost })),
      )
    }
    if (!toMillraceError(thrown).entry.retryable) {
      return endTasks(
        session,
        runId,
        leases.map((lease) => ({ ...lease, state: 'failed', error, cost })),
      )
    }
    // One delay for all, so that a batch comes back as a batch.
    const delayMs = backoffMs(BACKOFF, tasks[0]?.attempt ?? 1, parts.random)
    await retryTasks(
      session,
      runId,
      leases.map((lease) => ({
        ...lease,
        error,
        cost,
        delayMs,
        // A batch that comes here whole was stopped by something that was none of its tasks' fault.
        alone: tasks.length === 1,
      })),
    )
  })
}
