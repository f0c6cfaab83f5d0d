import { clearLapsedRestore } from '#archive/clear-draft.ts'
import { deleteDueTenant } from '#archive/delete-tenant.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Lake } from '#lake/lake.ts'

const ASK_EVERY_MS = 20_000

/** Carries out deletions of tenants when they are due, and removes restores that were left; of all processes that offer it, one does each. */
export function startDeleting(parts: {
  readonly catalog: Catalog
  readonly lake: Lake
  readonly clock: Clock
  readonly log: Logger
}): { stop(): Promise<void> } {
  const { clock, log } = parts
  const stopping = new AbortController()

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const slug = await deleteDueTenant(parts).catch((error: unknown) => {
        log.warn('deleting a tenant', { error })
        return null
      })
      const left = await clearLapsedRestore(parts).catch((error: unknown) => {
        log.warn('clearing up after a restore', { error })
        return null
      })
      if (slug !== null) log.info('deleted a tenant', { tenant: slug })
      if (left !== null) log.info('cleared up after a restore', { tenant: left })
      if (slug === null && left === null)
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
