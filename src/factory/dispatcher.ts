import type { Catalog } from '#catalog/catalog.ts'
import {
  claim,
  expireTasks,
  heartbeat,
  nextReadyMs,
  tidyQueue,
  type SlotUse,
} from '#catalog/queue.ts'
import { removeWorker, reportWorker } from '#catalog/workers.ts'
import type { StopReason } from '#factory/attempt.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { ClaimedTask } from '#model/run.ts'

export interface DispatcherSettings {
  /** Name of this worker in leases and logs; unique for all times. */
  readonly worker: string
  /** Batches that run at the same time. */
  readonly slots: number
  /** A lease not renewed for so long is another worker's to take. */
  readonly leaseMs: number
  /** What the slots can do, as beginnings of lanes (`lanesOf`). */
  readonly lanes: readonly string[]
  /** Tags of this machine; tasks that ask for others are left to other workers. */
  readonly tags: readonly string[]
  /** For the list of workers, where it shows itself; without this it does not. */
  readonly about?:
    | { readonly host: string; readonly version: string; readonly parts: readonly string[] }
    | undefined
}

/**
 * Carries a batch out, and ends or gives back every task of it. Never throws for a failing task.
 * `settle` is told of tasks that were ended before the others, so that their leases are not asked
 * after any more.
 */
export type Work = (
  batch: readonly ClaimedTask[],
  signal: AbortSignal,
  settle: (taskIds: readonly number[]) => void,
) => Promise<void>

export interface Dispatcher {
  /** Renews the leases now, so that a cancelled run is noticed at once. */
  checkLeases(): Promise<void>
  /** Stops claiming, then waits for what runs; what has not ended after `graceMs` is aborted and released. */
  stop(graceMs: number): Promise<void>
}

const MOST_IN_A_BATCH = 256
/** A cancel is heard of within this time, however long the lease is. */
const LOOK_MS = 5_000
const IDLE_MS = 1_000
const TIDY_MS = 60_000

/**
 * Keeps the slots of one worker busy. States: *claiming* (a slot is free and the queue may have
 * work) → *idle* (the queue was empty: wakes by notice, when a slot becomes free, or when a delayed
 * task is due) → *stopping*. Every claimed task ends through `work`, or its lease runs out and
 * another attempt takes over; a lost lease aborts the work, whose writes are refused anyway.
 */
export function startDispatcher(
  catalog: Catalog,
  settings: DispatcherSettings,
  work: Work,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Dispatcher {
  const running = new Map<AbortController, { held: Set<ClaimedTask>; ended: Promise<void> }>()
  const tickMs = Math.min(settings.leaseMs / 3, LOOK_MS)
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
    const held = new Set(batch)
    const settle = (taskIds: readonly number[]) => {
      const gone = new Set(taskIds)
      for (const task of batch) if (gone.has(task.id)) held.delete(task)
    }
    const done = work(batch, abort.signal, settle)
      .catch((error: unknown) => log.error('a batch ended with an error of its own', { error }))
      .finally(() => {
        running.delete(abort)
        used.push(slotUse(batch, clock.monotonicMs() - startedMs))
        wake.resolve()
      })
    running.set(abort, { held, ended: done })
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
      let idleMs = IDLE_MS
      try {
        await fill()
        if (running.size < settings.slots) idleMs = await nextClaimMs()
      } catch (error) {
        log.warn('claiming tasks', { error })
      }
      await either(wake.promise, idleMs)
    }
  }

  /** Delayed tasks wake a free slot by time, everything else by notice; a notice may be missed. */
  async function nextClaimMs(): Promise<number> {
    const ms = await catalog.asSystem(nextReadyMs)
    return ms === null ? IDLE_MS : Math.min(Math.max(ms, 10), IDLE_MS)
  }

  async function leaseLoop(): Promise<void> {
    let tidyAtMs = clock.monotonicMs() + TIDY_MS
    await attempt('reporting this worker', report)
    while (!allEnded) {
      await either(ended.promise, tickMs)
      // One after the other: leases must not be lost because something else takes long or fails.
      await attempt('renewing leases', renew)
      await attempt('reporting this worker', report)
      await attempt('taking tasks back', () => catalog.asSystem(expireTasks))
      if (clock.monotonicMs() < tidyAtMs) continue
      tidyAtMs = clock.monotonicMs() + TIDY_MS
      await attempt('tidying the queue', tidy)
    }
    const { worker, about } = settings
    if (!about) return
    await attempt('signing off', () => catalog.asSystem((session) => removeWorker(session, worker)))
  }

  async function attempt(doing: string, act: () => Promise<unknown>): Promise<void> {
    try {
      await act()
    } catch (error) {
      log.warn(doing, { error })
    }
  }

  async function report(): Promise<void> {
    const { worker, about, slots, leaseMs, lanes, tags } = settings
    if (!about || allEnded) return
    const busy = running.size
    const stops = stopping.signal.aborted
    const state = { id: worker, ...about, lanes, tags, slots, busy, leaseMs, stopping: stops }
    await catalog.asSystem((session) => reportWorker(session, state))
  }

  async function tidy(): Promise<void> {
    const missing = await catalog.asSystem(tidyQueue)
    if (missing > 0) log.warn('ready tasks that no claim had been told of', { lanes: missing })
  }

  /** Until the promise settles or the time is over. */
  async function either(promise: Promise<void>, ms: number): Promise<void> {
    const over = new AbortController()
    await Promise.race([promise, clock.sleep(ms, over.signal).catch(() => {})])
    over.abort()
  }

  async function renew(): Promise<void> {
    const held = [...running.values()].flatMap((batch) => [...batch.held])
    const { lost, cancel } = await catalog.asSystem((session) =>
      heartbeat(
        session,
        held.map(({ id, fence }) => ({ taskId: id, fence })),
        settings.leaseMs,
      ),
    )
    stopWhere(lost, 'lease-lost')
    stopWhere(cancel, 'cancelled')
  }

  function stopWhere(taskIds: readonly number[], reason: StopReason): void {
    const gone = new Set(taskIds)
    for (const [abort, { held }] of running) {
      if ([...held].some((task) => gone.has(task.id))) abort.abort(reason)
    }
  }

  const loops = Promise.all([claimLoop(), leaseLoop()])

  return {
    checkLeases: renew,
    async stop(graceMs) {
      stopping.abort()
      wake.resolve()
      unsubscribe()
      void attempt('reporting this worker', report)
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
