import type { Catalog } from '#catalog/catalog.ts'
import { addUsage, type UsageKind } from '#catalog/usage.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Tenant } from '#model/tenant.ts'

/** Counts what happens too often for a statement each: at most these last seconds are lost by a kill. */
export interface UsageCounter {
  add(tenant: Tenant, kind: UsageKind, amount: number): void
  /** Writes what has been counted. */
  close(): Promise<void>
}

const EVERY_MS = 5_000

export function openUsageCounter(parts: {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Logger
}): UsageCounter {
  const { catalog, clock, log } = parts
  const closing = new AbortController()
  let counts = new Map<string, { tenantId: number; kind: UsageKind; amount: number }>()
  let writing: Promise<void> | null = null

  async function write(): Promise<void> {
    await clock.sleep(EVERY_MS, closing.signal).catch(() => {})
    const counted = [...counts.values()]
    counts = new Map()
    writing = null
    if (counted.length === 0) return
    await catalog
      .asSystem((session) => addUsage(session, counted))
      .catch((error: unknown) => {
        log.warn('usage was not counted', { tenants: counted.length, error })
      })
  }

  return {
    add(tenant, kind, amount) {
      const id = `${tenant.id} ${kind}`
      const known = counts.get(id)
      if (known) known.amount += amount
      else counts.set(id, { tenantId: tenant.id, kind, amount })
      writing ??= write()
    },
    async close() {
      closing.abort()
      await writing
      if (counts.size > 0) await write()
    },
  }
}
