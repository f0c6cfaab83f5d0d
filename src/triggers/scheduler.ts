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
/** Tenants whose rules are declared at one look, so that many tenants delay no firing. */
const DECLARED_AT_ONCE = 500
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
  let declaredTo = 0

  async function look(): Promise<number> {
    if (clock.monotonicMs() - declaredMs >= DECLARE_EVERY_MS) {
      declaredTo = await declare(declaredTo)
      if (declaredTo === 0) declaredMs = clock.monotonicMs()
    }
    let due = MOST_AT_ONCE
    while (due === MOST_AT_ONCE && !stopping.signal.aborted) due = await tick(parts, MOST_AT_ONCE)
    return catalog.asSystem(async (session) => {
      await startQueuedFirings(session)
      await settleBackfills(session)
      return Math.min(pollMs, (await nextTriggerMs(session)) ?? pollMs)
    })
  }

  /** Returns where the next look goes on; 0: everything is declared. */
  async function declare(after: number): Promise<number> {
    const rules = parts
      .datasets()
      .flatMap(({ name, pack, freshnessMs }) =>
        freshnessMs === undefined ? [] : [{ dataset: name, pack, maxAgeMs: freshnessMs }],
      )
    const next = await catalog.asSystem((session) =>
      declareFreshness(session, rules, after, DECLARED_AT_ONCE),
    )
    return next ?? 0
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
