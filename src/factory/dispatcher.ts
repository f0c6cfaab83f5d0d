import type { Catalog } from '#catalog/catalog.ts'
import {
  claim,
  expireTasks,
  heartbeat,
  lanesOf,
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
 * after any more. `free` may be called when nothing is left but to write down how they ended, with
 * the time that the tasks themselves took: the slot goes on with the next batch meanwhile.
 */
export type Work = (
  batch: readonly ClaimedTask[],
  signal: AbortSignal,
  settle: (taskIds: readonly number[]) => void,
  free: (tasksMs: number) => void,
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

/** A batch that is claimed: under way, or ahead of its time. */
interface Held {
  readonly batch: readonly ClaimedTask[]
  /** Tasks whose leases are still to be renewed. */
  readonly tasks: Set<ClaimedTask>
  readonly abort: AbortController
  readonly ended: Promise<void>
  /** Starts it; for one that was claimed ahead. */
  begin(): void
}

/**
 * Keeps the slots of one worker busy. Of short background tasks that are there in plenty it claims
 * the next batch while the slots are still at the present ones. States: *claiming* (a slot is free and
 * the queue may have work) → *idle* (the queue was empty: wakes by notice, when a slot becomes free,
 * or when a delayed task is due) → *stopping*. Every claimed task ends through `work`, or its lease runs out and
 * another attempt takes over; a lost lease aborts the work, whose writes are refused anyway.
 */
export function startDispatcher(
  catalog: Catalog,
  settings: DispatcherSettings,
  work: Work,
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
): Dispatcher {
  const running = new Set<Held>()
  // Claimed, not begun; they are among the running.
  const ahead: Held[] = []
  const aheadMax = Math.ceil(settings.slots / 2)
  let busy = 0
  const tickMs = Math.min(settings.leaseMs / 3, LOOK_MS)
  // Slot time of ended batches, told with the next claim.
  const used: SlotUse[] = []
  const stopping = new AbortController()
  let wake = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let allEnded = false
  const unsubscribe = catalog.onReady(() => wake.resolve())

  function hold(batch: readonly ClaimedTask[]): Held {
    const turn = Promise.withResolvers<void>()
    const abort = new AbortController()
    const tasks = new Set(batch)
    const begin = () => {
      busy++
      turn.resolve()
    }
    const held = { batch, tasks, abort, begin, ended: turn.promise.then(carryOut) }
    running.add(held)
    return held

    async function carryOut(): Promise<void> {
      const startedMs = clock.monotonicMs()
      let isFree = false
      const free = (tasksMs?: number) => {
        if (isFree) return
        isFree = true
        busy--
        used.push(slotUse(batch, clock.monotonicMs() - startedMs, tasksMs))
        wake.resolve()
      }
      const settle = (taskIds: readonly number[]) => {
        const gone = new Set(taskIds)
        for (const task of batch) if (gone.has(task.id)) tasks.delete(task)
      }
      try {
        await work(batch, abort.signal, settle, free)
      } catch (error) {
        log.error('a batch ended with an error of its own', { error })
      } finally {
        free()
        running.delete(held)
        wake.resolve()
      }
    }
  }

  async function fill(): Promise<void> {
    while (busy < settings.slots && !stopping.signal.aborted) {
      const next = ahead.shift() ?? (await holdNext())
      if (!next) return
      next.begin()
      await claimAhead(next)
    }
  }

  async function holdNext(): Promise<Held | null> {
    const batch = await claimBatch(settings.lanes, 2 * settings.slots)
    return batch.length > 0 ? hold(batch) : null
  }

  /** What is claimed ahead of its time is for slots that are all busy with such short tasks. */
  async function claimAhead({ batch }: Held): Promise<void> {
    if (busy < settings.slots || ahead.length >= aheadMax) return
    if (batch.length < 2 || batch[0]?.handler !== 'code' || stopping.signal.aborted) return
    const next = await claimBatch(lanesOf.short, 0)
    if (next.length > 0) ahead.push(hold(next))
  }

  async function claimBatch(lanes: readonly string[], share: number): Promise<ClaimedTask[]> {
    const { worker, leaseMs, tags } = settings
    const reported = used.length
    const request = { worker, leaseMs, maxTasks: MOST_IN_A_BATCH, lanes, tags, share, used }
    const batch = await catalog.asSystem((session) => claim(session, request))
    used.splice(0, reported)
    return batch
  }

  async function claimLoop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers<void>()
      let idleMs = IDLE_MS
      try {
        await fill()
        if (busy < settings.slots) idleMs = await nextClaimMs()
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
    const held = [...running].flatMap(({ tasks }) => [...tasks])
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
    for (const { abort, tasks } of running) {
      if ([...tasks].some((task) => gone.has(task.id))) abort.abort(reason)
    }
  }

  const claiming = claimLoop()
  const renewing = leaseLoop()

  return {
    checkLeases: renew,
    async stop(graceMs) {
      stopping.abort()
      wake.resolve()
      unsubscribe()
      void attempt('reporting this worker', report)
      // What a claim under way brings is held, too; nothing comes after it.
      await either(claiming, Math.max(graceMs, LOOK_MS))
      for (const held of ahead.splice(0)) {
        held.abort.abort('stopping' satisfies StopReason)
        held.begin()
      }
      const all = Promise.all([...running].map((held) => held.ended)).then(() => {})
      await either(all, graceMs)
      for (const { abort } of running) abort.abort('stopping' satisfies StopReason)
      await all
      allEnded = true
      ended.resolve()
      await renewing
    },
  }
}

function slotUse(batch: readonly ClaimedTask[], slotMs: number, tasksMs?: number): SlotUse {
  const { tenantId, handler, dataset } = batch[0] as ClaimedTask
  const name = handler === 'code' ? dataset : null
  return { tenantId, name, slotMs, tasksMs: tasksMs ?? slotMs, tasks: batch.length }
}
