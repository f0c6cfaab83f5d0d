import { endBackgroundTasks, type BackgroundEnd } from '#catalog/background-ends.ts'
import { appendLogs, type LogLine } from '#catalog/logs.ts'
import { releaseTasks, retryTasks, type TaskRetry } from '#catalog/task-ends.ts'
import { toErrorData, toMillraceError, type ErrorData, type MillraceError } from '#kernel/errors.ts'
import { backoffMs } from '#kernel/retry.ts'
import type { JobCost } from '#model/outcome.ts'
import type { ClaimedTask } from '#model/run.ts'
import { standardRetry, type RetryPolicy } from '#model/task-definition.ts'
import type { Tenant } from '#model/tenant.ts'
import type { TaskParts } from '#tasks/parts.ts'

/** How an attempt at a background task came out. */
export type Outcome =
  | { readonly as: 'done'; readonly result: string | undefined; readonly wallMs: number }
  | { readonly as: 'failed'; readonly failure: Failure; readonly wallMs: number }
  | { readonly as: 'cancelled'; readonly error: MillraceError; readonly wallMs: number }
  /** Given back as if nobody had had it. */
  | { readonly as: 'released' }

export interface Failure {
  readonly error: MillraceError
  /** Default: as the kind of error says. */
  readonly retryable?: boolean | undefined
  /** Default: by the task's own policy. */
  readonly delayMs?: number | null | undefined
}

export interface Ended {
  readonly task: ClaimedTask
  readonly retry: RetryPolicy | null
  readonly outcome: Outcome
}

/**
 * Writes down how tasks of one tenant ended, all in one transaction, with the lines of their logs.
 * Tasks whose lease has passed to somebody else are left out, for nothing of them counts.
 */
export async function writeEnds(
  parts: Pick<TaskParts, 'catalog' | 'clock' | 'random' | 'log'>,
  tenant: Tenant,
  ends: readonly Ended[],
  lines: readonly LogLine[] = [],
): Promise<void> {
  if (ends.length === 0 && lines.length === 0) return
  for (let attempt = 1; ; attempt++) {
    try {
      return await parts.catalog.asTenant(tenant, async (session) => {
        await appendLogs(session, lines)
        await endBackgroundTasks(session, ends.flatMap(toEnd))
        await retryTasks(session, '', ends.flatMap(toRetry))
        await releaseTasks(
          session,
          '',
          ends.filter(({ outcome }) => outcome.as === 'released').map(({ task }) => leaseOf(task)),
        )
      })
    } catch (thrown) {
      const error = toMillraceError(thrown)
      if (error.code === 'lease-lost') return oneByOne()
      // The catalog is away: what was done shall count when it is back, if the lease lasts so long.
      if (error.code !== 'catalog-unreachable' || attempt >= TRIES) throw error
      await parts.clock.sleep(backoffMs(PATIENCE, attempt, parts.random))
    }
  }

  function toRetry({ task, retry, outcome }: Ended): TaskRetry[] {
    if (outcome.as !== 'failed') return []
    const { failure, wallMs } = outcome
    const policy = { ...standardRetry, ...withoutUndefined(retry) }
    const delayMs = failure.delayMs ?? backoffMs(policy, task.attempt, parts.random)
    const data = toErrorData(failure.error)
    const error: ErrorData = { ...data, retryable: failure.retryable ?? data.retryable }
    return [{ ...leaseOf(task), error, cost: costOf(wallMs), delayMs, alone: false }]
  }

  async function oneByOne(): Promise<void> {
    if (ends.length === 1) {
      const [only] = ends as readonly [Ended]
      parts.log.warn('an attempt lost its lease; its outcome does not count', {
        task: only.task.partition,
        fence: only.task.fence,
      })
      return
    }
    for (const end of ends) {
      const own = lines.filter(({ taskId }) => taskId === end.task.id)
      await writeEnds(parts, tenant, [end], own)
    }
  }
}

const TRIES = 8
const PATIENCE = { firstMs: 200, factor: 2, ceilingMs: 10_000 }

function toEnd({ task, outcome }: Ended): BackgroundEnd[] {
  switch (outcome.as) {
    case 'done': {
      const { result, wallMs } = outcome
      return [{ ...leaseOf(task), state: 'done', result, cost: costOf(wallMs) }]
    }
    case 'cancelled': {
      const error = toErrorData(outcome.error)
      return [{ ...leaseOf(task), state: 'cancelled', error, cost: costOf(outcome.wallMs) }]
    }
    case 'failed':
    case 'released':
      return []
  }
}

function leaseOf(task: ClaimedTask) {
  return { taskId: task.id, fence: task.fence }
}

/** Only time is measured: many tasks share one process. */
function costOf(wallMs: number): JobCost {
  return { wallMs, cpuMs: 0, peakMemoryBytes: 0, readBytes: 0, writtenBytes: 0 }
}

function withoutUndefined(policy: RetryPolicy | null): Partial<typeof standardRetry> {
  const entries = Object.entries(policy ?? {}).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries)
}
