import { settleBackfills } from '#catalog/backfills.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { declareFreshness, nextTriggerMs, startQueuedFirings } from '#catalog/trigger-queue.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { tick } from '#triggers/tick.ts'

export interface SchedulerParts {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Logger
  /** Of the code that is current: their freshness rules are declared. */
  datasets(): readonly DatasetDefinition[]
}

export interface Scheduler {
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>
}

const MOST_AT_ONCE = 200
const DECLARE_EVERY_MS = 300_000
/** After errors, so that a catalog that is away is not asked without a pause. */
const AFTER_ERROR_MS = 5_000

/**
 * Fires what is due, starts what waited for a former firing, ends backfills that are over. Any
 * number may run: what one holds, the others pass over.
 */
export function startScheduler(
  parts: SchedulerParts,
  { pollMs = 1_000 }: { readonly pollMs?: number } = {},
): Scheduler {
  const { catalog, clock, log } = parts
  const stopping = new AbortController()
  let declaredMs = -Infinity

  async function look(): Promise<number> {
    if (clock.monotonicMs() - declaredMs >= DECLARE_EVERY_MS) {
      await declare()
      declaredMs = clock.monotonicMs()
    }
    let due = MOST_AT_ONCE
    while (due === MOST_AT_ONCE && !stopping.signal.aborted) due = await tick(parts, MOST_AT_ONCE)
    return catalog.asSystem(async (session) => {
      await startQueuedFirings(session)
      await settleBackfills(session)
      return Math.min(pollMs, (await nextTriggerMs(session)) ?? pollMs)
    })
  }

  function declare(): Promise<void> {
    const rules = parts
      .datasets()
      .flatMap(({ name, freshnessMs }) =>
        freshnessMs === undefined ? [] : [{ dataset: name, maxAgeMs: freshnessMs }],
      )
    return catalog.asSystem((session) => declareFreshness(session, rules))
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const waitMs = await look().catch((error: unknown) => {
        log.warn('looking at triggers', { error })
        return Math.max(pollMs, AFTER_ERROR_MS)
      })
      await clock.sleep(waitMs, stopping.signal).catch(() => {})
    }
  }

  const ended = loop()
  return {
    stop() {
      stopping.abort()
      return ended
    },
  }
}
