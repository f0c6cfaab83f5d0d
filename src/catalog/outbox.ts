import type { Catalog } from '#catalog/catalog.ts'
import type { SystemSession } from '#catalog/session.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'

/** Things that wait in the catalog to be told to the outside, and how they are told. */
export interface Outbox<Item> {
  /** For the log: `callbacks`. */
  readonly name: string
  /** Items under way at the same time. */
  readonly slots: number
  /** Takes what is due. An item that is taken and not settled is due again after its lease. */
  claim(session: SystemSession, max: number): Promise<readonly Item[]>
  /** Milliseconds until one is due; null: there is none. */
  nextMs(session: SystemSession): Promise<number | null>
  /** Tells it, and settles how that came out. */
  carryOut(item: Item, signal: AbortSignal): Promise<void>
  /** Removes at most `max` that came to their end long ago; returns how many. Called every hour. */
  sweep(session: SystemSession, max: number): Promise<number>
}

export interface OutboxWorker {
  /** Takes nothing more, then waits for what is under way; what lasts longer is told again later. */
  stop(graceMs: number): Promise<void>
}

const IDLE_MS = 5_000
const SWEEP_EVERY_MS = 3_600_000
const SWEEP_MAX = 5_000

/** Empties an outbox for as long as it runs. Any number of workers may share a catalog. */
export function startOutbox<Item>(
  parts: { readonly catalog: Catalog; readonly clock: Clock; readonly log: Logger },
  outbox: Outbox<Item>,
): OutboxWorker {
  const { catalog, clock, log } = parts
  const { name, slots } = outbox
  const stopping = new AbortController()
  const giveUp = new AbortController()
  const underWay = new Set<Promise<void>>()
  let wake = Promise.withResolvers<void>()
  let sweepAtMs = clock.monotonicMs()
  const unsubscribe = catalog.onReady(() => wake.resolve())

  async function fill(): Promise<void> {
    while (underWay.size < slots && !stopping.signal.aborted) {
      const free = slots - underWay.size
      const due = await catalog.asSystem((session) => outbox.claim(session, free))
      for (const item of due) {
        const telling = outbox
          .carryOut(item, giveUp.signal)
          .catch((error: unknown) => log.warn('carrying out what an outbox holds', { name, error }))
          .finally(() => {
            underWay.delete(telling)
            wake.resolve()
          })
        underWay.add(telling)
      }
      if (due.length < free) return
    }
  }

  async function sweep(): Promise<void> {
    if (clock.monotonicMs() < sweepAtMs) return
    sweepAtMs = clock.monotonicMs() + SWEEP_EVERY_MS
    let swept: number
    do {
      swept = await catalog.asSystem((session) => outbox.sweep(session, SWEEP_MAX))
      if (swept > 0) log.info('removed from an outbox what ended long ago', { name, items: swept })
    } while (swept === SWEEP_MAX && !stopping.signal.aborted)
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = Promise.withResolvers<void>()
      let idleMs = IDLE_MS
      try {
        await fill()
        await sweep()
        const nextMs = await catalog.asSystem((session) => outbox.nextMs(session))
        // Due ones that no slot is free for are taken when one becomes free.
        if (nextMs !== null && underWay.size < slots) idleMs = Math.min(idleMs, nextMs + 1)
      } catch (error) {
        log.warn('looking into an outbox', { name, error })
      }
      const over = new AbortController()
      await Promise.race([wake.promise, clock.sleep(idleMs, over.signal).catch(() => {})])
      over.abort()
    }
  }
  const looping = loop()

  return {
    async stop(graceMs) {
      stopping.abort()
      unsubscribe()
      wake.resolve()
      await looping
      const over = new AbortController()
      await Promise.race([Promise.all(underWay), clock.sleep(graceMs, over.signal).catch(() => {})])
      over.abort()
      giveUp.abort(new Error('the server is stopping'))
      await Promise.all(underWay)
    },
  }
}
