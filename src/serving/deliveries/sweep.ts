import type { Catalog } from '#catalog/catalog.ts'
import { takeChore } from '#catalog/chores.ts'
import { sweepDeliveries } from '#catalog/delivery-sweep.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Lake } from '#lake/lake.ts'

const SWEEP_EVERY_MS = 300_000
const ASK_EVERY_MS = 60_000
const AT_ONCE = 1_000
/** What a delivery was is shown for so long after its end. */
const KEEP_MS = 30 * 86_400_000

/**
 * Ends deliveries whose time is over and removes files that nobody waits for; of all processes that
 * offer it, one does it. A file that is left by a crash in between is found by the sweep of the lake.
 */
export function startSweepingDeliveries(parts: {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly clock: Clock
  readonly log: Logger
}): { stop(): Promise<void> } {
  const { catalog, lake, clock, log } = parts
  const stopping = new AbortController()

  async function look(): Promise<void> {
    const ours = await catalog.asSystem((session) =>
      takeChore(session, 'deliveries', SWEEP_EVERY_MS),
    )
    if (!ours) return
    let files = 0
    for (let found = AT_ONCE; found === AT_ONCE && !stopping.signal.aborted;) {
      const paths = await catalog.asSystem((session) => sweepDeliveries(session, KEEP_MS, AT_ONCE))
      await lake.remove(paths)
      found = paths.length
      files += found
    }
    if (files > 0) log.info('removed files of deliveries that are over', { files })
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((error: unknown) => log.warn('sweeping deliveries', { error }))
      await clock.sleep(ASK_EVERY_MS, stopping.signal).catch(() => {})
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
