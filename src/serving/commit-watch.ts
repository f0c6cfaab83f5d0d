import type { Catalog } from '#catalog/catalog.ts'
import { commitNumbers } from '#catalog/commit-numbers.ts'
import type { Clock } from '#kernel/clock.ts'
import type { Tenant } from '#model/tenant.ts'

/**
 * The newest commit number of tenants that are asked about, known without asking the catalog each
 * time. A publish that was acknowledged in this process is seen at once, in others within a second: a
 * number that was not confirmed for that long is asked for again, before anything is answered with it.
 */
export interface CommitWatch {
  newest(tenant: Tenant): Promise<number>
  close(): void
}

/** Older numbers are asked for again, in the background and for all tenants together. */
const FRESH_MS = 250
/** Older numbers are not believed. */
const BELIEVED_MS = 1000
const TENANTS_MAX = 20_000

interface Known {
  readonly number: number
  /** When the question was asked that this is the answer to. */
  readonly atMs: number
  wantedMs: number
}

export function openCommitWatch(parts: {
  readonly catalog: Catalog
  readonly clock: Clock
}): CommitWatch {
  const { catalog, clock } = parts
  const known = new Map<number, Known>()
  /** Tenants whose number has moved since the question under way was asked. */
  const moved = new Set<number>()
  const waiting = new Map<number, PromiseWithResolvers<number>>()
  let asking: Promise<void> | null = null

  const stop = catalog.onCommit((tenantId) => {
    known.delete(tenantId)
    moved.add(tenantId)
  })

  async function ask(): Promise<void> {
    const nowMs = clock.monotonicMs()
    for (const [id, { wantedMs }] of known) {
      if (nowMs - wantedMs > BELIEVED_MS || known.size > TENANTS_MAX) known.delete(id)
    }
    const waiters = new Map(waiting)
    waiting.clear()
    moved.clear()
    const ids = new Set([...known.keys(), ...waiters.keys()])
    try {
      const numbers = await catalog.asSystem((session) => commitNumbers(session, [...ids]))
      for (const [id, number] of numbers) {
        if (moved.has(id)) continue
        known.set(id, { number, atMs: nowMs, wantedMs: known.get(id)?.wantedMs ?? nowMs })
      }
      for (const [id, waiter] of waiters) waiter.resolve(numbers.get(id) ?? 0)
    } catch (error) {
      for (const waiter of waiters.values()) waiter.reject(error)
    }
  }

  function startAsking(): void {
    asking ??= ask().finally(() => {
      asking = null
      if (waiting.size > 0) startAsking()
    })
  }

  return {
    async newest({ id }) {
      const nowMs = clock.monotonicMs()
      const entry = known.get(id)
      if (entry && nowMs - entry.atMs < BELIEVED_MS) {
        entry.wantedMs = nowMs
        if (nowMs - entry.atMs > FRESH_MS) startAsking()
        return entry.number
      }
      const waiter = waiting.get(id) ?? Promise.withResolvers<number>()
      waiting.set(id, waiter)
      startAsking()
      return waiter.promise
    },
    close: stop,
  }
}
