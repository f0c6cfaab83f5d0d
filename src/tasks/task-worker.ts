import { checkLeases } from '#catalog/background-ends.ts'
import { loadTaskOrders, type TaskOrder } from '#catalog/background-tasks.ts'
import type { StopReason } from '#factory/attempt.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { TaskDefinition } from '#model/task-definition.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'
import { writeEnds, type Outcome } from '#tasks/batch-ends.ts'
import { openBatchRecord, type BatchRecord } from '#tasks/batch-record.ts'
import type { ChildOutcome } from '#tasks/child-protocol.ts'
import type { TaskParts } from '#tasks/parts.ts'
import { openTaskPool } from '#tasks/task-pool.ts'
import type { TaskProcess } from '#tasks/task-process.ts'

export interface TaskWorkerSettings {
  /** Processes that are kept for the next batch. */
  readonly slots: number
  /** Of one process. */
  readonly memoryBytes: number
}

/** Functions of packs, in processes of their own. */
export interface TaskWorker {
  /** What a slot does with a batch of `code` tasks that it has claimed; never throws for a failing task. */
  work(
    batch: readonly ClaimedTask[],
    signal: AbortSignal,
    free: (tasksMs: number) => void,
  ): Promise<void>
  /** Starts a process before the first task comes. */
  warm(): void
  /** Kills the processes; for when nothing works any more. */
  close(): Promise<void>
}

/** What a batch has not begun by then is given back, for slots that are free. */
const GIVE_BACK_MS = 1_000
/** Between the signal and the kill. */
const GRACE_MS = 2_000
/** How often a stopped batch looks whether its task under way is to be stopped, too. */
const LOOK_MS = 1_000
const RESULT_BYTES_MAX = 1_000_000

export function openTaskWorker(parts: TaskParts, settings: TaskWorkerSettings): TaskWorker {
  const pool = openTaskPool({
    egress: parts.egress,
    log: parts.log,
    memoryBytes: settings.memoryBytes,
    keep: settings.slots,
  })

  return {
    async work(batch, signal, free) {
      const [first] = batch as readonly [ClaimedTask, ...ClaimedTask[]]
      const tenant = brandTenant(first.tenantId, first.tenantSlug)
      const orders = await parts.catalog.asTenant(tenant, (session) =>
        loadTaskOrders(
          session,
          batch.map(({ id }) => id),
        ),
      )
      const definition = parts.definition(first.dataset)
      if (!definition) return refuseAll(parts, tenant, batch, orders)
      const record = openBatchRecord(parts, tenant, batch, orders)
      try {
        if (signal.aborted && (signal.reason as StopReason) === 'stopping') {
          for (const index of batch.keys()) record.end(index, { as: 'released' })
          return
        }
        const process = pool.take()
        const work = { process, definition, batch, orders, record, signal, settings }
        const tasksMs = await carryOut(parts, work).finally(() =>
          pool.giveBack(process, batch.length, tenant.id),
        )
        free(tasksMs)
      } finally {
        await record.close()
      }
    },
    warm: () => pool.warm(),
    close: () => pool.close(),
  }
}

/** A worker of another deployment may have the function: they wait, and are tried again. */
async function refuseAll(
  parts: TaskParts,
  tenant: Tenant,
  batch: readonly ClaimedTask[],
  orders: ReadonlyMap<number, TaskOrder>,
): Promise<void> {
  const ends = batch.map((task) => {
    const error = new MillraceError('task-code-missing', { name: task.dataset })
    const outcome: Outcome = { as: 'failed', failure: { error }, wallMs: 0 }
    return { task, retry: orders.get(task.id)?.retry ?? null, outcome }
  })
  await writeEnds(parts, tenant, ends)
}

interface Work {
  readonly process: TaskProcess
  readonly definition: TaskDefinition
  readonly batch: readonly ClaimedTask[]
  readonly orders: ReadonlyMap<number, TaskOrder>
  readonly record: BatchRecord
  readonly signal: AbortSignal
  readonly settings: TaskWorkerSettings
}

/** Why the task under way is being stopped; the first reason stays. */
type Stopped = 'deadline' | 'cancelled' | 'lost' | 'stopping' | 'memory'

/**
 * Runs the tasks one after the other. Begun is what has ended and the one after it; the rest is
 * given back when the batch takes too long, when its worker stops, or when the process dies. Returns
 * the time that the tasks themselves took, for each of the batch as for those that ended.
 */
async function carryOut(parts: TaskParts, work: Work): Promise<number> {
  const { process, definition, batch, orders, record, signal, settings } = work
  const { clock } = parts
  const startedMs = clock.monotonicMs()
  const over = new AbortController()
  let under = 0
  let underSinceMs = startedMs
  let stopped: Stopped | null = null
  let tasksMs = 0

  const after = (ms: number, act: () => void) => {
    clock.sleep(Math.max(0, ms), over.signal).then(act, () => {})
  }
  function stop(index: number, reason: Stopped): void {
    if (under !== index || stopped !== null || index >= batch.length) return
    stopped = reason
    process.stop()
    process.abort(index, reason === 'deadline' ? 'its time is up' : `it was stopped (${reason})`)
    after(GRACE_MS, () => {
      if (under === index) process.kill()
    })
  }
  function watchDeadline(index: number): void {
    const timeoutMs = batch[index]?.timeoutMs
    if (timeoutMs == null) return
    after(startedMs + timeoutMs - clock.monotonicMs(), () => stop(index, 'deadline'))
  }

  async function onAbort(): Promise<void> {
    process.stop()
    if ((signal.reason as StopReason) === 'stopping') return stop(under, 'stopping')
    // Not each task of the batch is meant: ask which, and go on asking, for a signal comes once.
    while (!over.signal.aborted) {
      await lookAtLeases().catch((error: unknown) => parts.log.warn('looking at leases', { error }))
      await clock.sleep(LOOK_MS, over.signal).catch(() => {})
    }
  }
  async function lookAtLeases(): Promise<void> {
    const index = under
    const task = batch[index]
    if (!task) return
    const held = await parts.catalog.asTenant(record.tenant, (session) =>
      checkLeases(session, [{ taskId: task.id, fence: task.fence }]),
    )
    const lease = held.get(task.id)
    if (!lease) stop(index, 'lost')
    else if (lease.cancel) stop(index, 'cancelled')
  }

  const shortestMs = Math.min(...batch.map(({ timeoutMs }) => timeoutMs ?? Infinity))
  after(Math.min(GIVE_BACK_MS, shortestMs / 2), () => process.stop())
  watchDeadline(0)
  if (signal.aborted) void onAbort()
  else signal.addEventListener('abort', () => void onAbort(), { once: true, signal: over.signal })

  const { ending } = await process.run(
    {
      name: definition.name,
      tenant: record.tenant.slug,
      codeVersion: definition.codeVersion,
      code: definition.code,
      tasks: batch.map((task) => ({
        id: task.partition,
        attempt: task.attempt,
        idempotencyKey: orders.get(task.id)?.idempotencyKey ?? task.partition,
        payload: orders.get(task.id)?.payload ?? 'null',
      })),
    },
    {
      ended(index, outcome) {
        tasksMs += outcome.wallMs
        record.end(index, outcomeOf(definition, batch[index] as ClaimedTask, outcome, stopped))
        under = index + 1
        underSinceMs = clock.monotonicMs()
        if (stopped === null) watchDeadline(under)
      },
      progress: (index, progress) => record.progress(index, progress),
      log: (index, message) => record.log(index, message),
      tooLarge() {
        stopped ??= 'memory'
      },
    },
  )
  over.abort()
  const dead = ending === null ? batch.length : under
  for (const index of batch.keys()) {
    if (index < under) continue
    const wallMs = clock.monotonicMs() - underSinceMs
    record.end(
      index,
      index === dead
        ? deathOf(definition, batch[index] as ClaimedTask, { ending, stopped, wallMs, settings })
        : { as: 'released' },
    )
  }
  return under === 0 ? clock.monotonicMs() - startedMs : (tasksMs / under) * batch.length
}

function outcomeOf(
  definition: TaskDefinition,
  task: ClaimedTask,
  outcome: ChildOutcome,
  stopped: Stopped | null,
): Outcome {
  const { wallMs } = outcome
  if ('result' in outcome) {
    const result = outcome.result ?? undefined
    const bytes = result === undefined ? 0 : Buffer.byteLength(result)
    if (bytes <= RESULT_BYTES_MAX) return { as: 'done', result, wallMs }
    const details = { part: 'result', task: task.partition, bytes, maxBytes: RESULT_BYTES_MAX }
    const error = new MillraceError('task-payload-too-large', details)
    return { as: 'failed', failure: { error }, wallMs }
  }
  if (stopped !== null) return stoppedOutcome(definition, task, stopped, wallMs)
  const { message, retryable, retryAfterMs } = outcome.failure
  const { name, file } = definition
  const error = retryable
    ? new MillraceError('task-function-failed', { name, message, file })
    : new MillraceError('task-refused', { name, message })
  return { as: 'failed', failure: { error, delayMs: retryAfterMs }, wallMs }
}

/** The process ended while this task was under way. */
function deathOf(
  definition: TaskDefinition,
  task: ClaimedTask,
  death: {
    readonly ending: string | null
    readonly stopped: Stopped | null
    readonly wallMs: number
    readonly settings: TaskWorkerSettings
  },
): Outcome {
  const { ending, stopped, wallMs, settings } = death
  const { name } = definition
  if (stopped === 'memory') {
    const limitMb = Math.round(settings.memoryBytes / 1e6)
    return {
      as: 'failed',
      failure: { error: new MillraceError('task-memory', { name, limitMb }) },
      wallMs,
    }
  }
  if (stopped !== null) return stoppedOutcome(definition, task, stopped, wallMs)
  const error = new MillraceError('task-child-ended', { name, ending })
  return { as: 'failed', failure: { error }, wallMs }
}

function stoppedOutcome(
  { name }: TaskDefinition,
  task: ClaimedTask,
  stopped: Stopped,
  wallMs: number,
): Outcome {
  switch (stopped) {
    case 'cancelled':
      return { as: 'cancelled', error: new MillraceError('task-cancelled', { name }), wallMs }
    case 'deadline': {
      const error = new MillraceError('task-too-slow', {
        dataset: name,
        partition: task.partition,
        attempt: task.attempt,
        timeoutMs: task.timeoutMs,
      })
      return { as: 'failed', failure: { error }, wallMs }
    }
    case 'memory':
    case 'stopping':
    case 'lost':
      return { as: 'released' }
  }
}
