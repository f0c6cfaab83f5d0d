import { claim, expireTasks, heartbeat, type SlotUse } from '#catalog/queue.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { StopReason } from '#factory/attempt.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { ClaimedTask } from '#model/run.ts'

export interface DispatcherSettings {
  /** Name of this worker in leases and logs. */
  readonly worker: string
  /** Batches that run at the same time. */
  readonly slots: number
  /** A lease not renewed for so long is another worker's to take. */
  readonly leaseMs: number
  /** What the slots can do, as beginnings of lanes (`lanesOf`). */
  readonly lanes: readonly string[]
  /** Tags of this machine; tasks that ask for others are left to other workers. */
  readonly tags: readonly string[]
}

export interface Dispatcher {
  /** Renews the leases now, so that a cancelled run is noticed at once. */
  checkLeases(): Promise<void>
  /** Stops claiming, then waits for what runs; what has not ended after `graceMs` is aborted and released. */
  stop(graceMs: number): Promise<void>
}

const MOST_IN_A_BATCH = 256

/**
 * Keeps the slots of one worker busy. States: *claiming* (a slot is free and the queue may have
 * work) → *idle* (the queue was empty: wakes by notice, or by time for delayed retries and leases
 * that ran out) → *stopping*. Every claimed task ends through `work`, or its lease runs out and
 * another attempt takes over; a lost lease aborts the work, whose writes are refused anyway.
 */
export function startDispatcher(
  catalog: Catalog,
  settings: DispatcherSettings,
  work: (batch: readonly ClaimedTask[], signal: AbortSignal) => Promise<void>,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Dispatcher {
  const running = new Map<
    AbortController,
    { batch: readonly ClaimedTask[]; ended: Promise<void> }
  >()
  // Slot time of ended batches, told with the next claim.
  const used: SlotUse[] = []
  const stopping = new AbortController()
  let wake = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let allEnded = false
  const unsubscribe = catalog.onReady(() => wake.resolve())

  function start(batch: readonly ClaimedTask[]): void {
    const abort = new AbortController()
    const startedMs = clock.monotonicMs()
    const done = work(batch, abort.signal)
      .catch((error: unknown) => log.error('a batch ended with an error of its own', { error }))
      .finally(() => {
        running.delete(abort)
        used.push(slotUse(batch, clock.monotonicMs() - startedMs))
        wake.resolve()
      })
    running.set(abort, { batch, ended: done })
  }

  async function fill(): Promise<void> {
    while (running.size < settings.slots && !stopping.signal.aborted) {
      const reported = used.length
      const batch = await catalog.asSystem((session) =>
        claim(session, {
          worker: settings.worker,
          leaseMs: settings.leaseMs,
          maxTasks: MOST_IN_A_BATCH,
          lanes: settings.lanes,
          tags: settings.tags,
          share: 2 * settings.slots,
          used,
        }),
      )
      used.splice(0, reported)
      if (batch.length === 0) return
      start(batch)
    }
  }

  async function claimLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers<void>()
      try {
        await fill()
      } catch (error) {
        log.warn('claiming tasks', { error })
      }
      await either(wake.promise, idleMs())
    }
  }

  /** Short enough for delayed retries to start in time; notices carry everything else. */
  function idleMs(): number {
    return Math.min(1_000, settings.leaseMs / 3)
  }

  async function leaseLoop(): Promise<void> {
    while (!allEnded) {
      await either(ended.promise, settings.leaseMs / 3)
      try {
        await renew()
      } catch (error) {
        log.warn('renewing leases', { error })
      }
    }
  }

  /** Until the promise settles or the time is over. */
  async function either(promise: Promise<void>, ms: number): Promise<void> {
    const over = new AbortController()
    await Promise.race([promise, clock.sleep(ms, over.signal).catch(() => {})])
    over.abort()
  }

  async function renew(): Promise<void> {
    const held = [...running.values()].flatMap(({ batch }) => batch)
    const { lost, cancel } = await catalog.asSystem(async (session) => {
      await expireTasks(session)
      return heartbeat(
        session,
        held.map(({ id, fence }) => ({ taskId: id, fence })),
        settings.leaseMs,
      )
    })
    stopWhere(lost, 'lease-lost')
    stopWhere(cancel, 'cancelled')
  }

  function stopWhere(taskIds: readonly number[], reason: StopReason): void {
    const gone = new Set(taskIds)
    for (const [abort, { batch }] of running) {
      if (batch.some((task) => gone.has(task.id))) abort.abort(reason)
    }
  }

  const loops = Promise.all([claimLoop(), leaseLoop()])

  return {
    checkLeases: renew,
    async stop(graceMs) {
      stopping.abort()
      wake.resolve()
      unsubscribe()
      const all = Promise.all([...running.values()].map((work) => work.ended)).then(() => {})
      await either(all, graceMs)
      for (const abort of running.keys()) abort.abort('stopping' satisfies StopReason)
      await all
      allEnded = true
      ended.resolve()
      await loops
    },
  }
}

function slotUse(batch: readonly ClaimedTask[], slotMs: number): SlotUse {
  const { tenantId, handler, dataset } = batch[0] as ClaimedTask
  return { tenantId, name: handler === 'code' ? dataset : null, slotMs, tasks: batch.length }
}
