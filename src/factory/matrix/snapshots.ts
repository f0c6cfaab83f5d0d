import { matrixRevision } from '#catalog/matrix-state.ts'
import { takeSnapshot, type MatrixSnapshot } from '#factory/matrix/snapshot.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { Tenant } from '#model/tenant.ts'

/** Squares that are remembered, of all tenants together; the newest snapshot is kept whatever its size. */
const SQUARES_MOST = 1_000_000
/** While everything changes, no more than a fifth of the time goes into counting it again. */
const PAUSE_PER_COST = 4
const PAUSE_MOST_MS = 3_000

interface Entry {
  readonly parts: FactoryParts
  readonly snapshot: MatrixSnapshot
  /** By the monotonic clock: not taken again before. */
  readonly restsUntilMs: number
}

/** Snapshots of tenants, taken again only when something has changed: asking is one small query. */
export interface MatrixSnapshots {
  /** `exact`: nothing that was committed before the call is missing; else it may be `isBehind`. */
  of(parts: FactoryParts, tenant: Tenant, exact: boolean): Promise<MatrixSnapshot>
}

export function createMatrixSnapshots(): MatrixSnapshots {
  /** Least recently used first. */
  const entries = new Map<number, Entry>()
  const underWay = new Map<number, Promise<MatrixSnapshot>>()

  async function take(parts: FactoryParts, tenant: Tenant): Promise<MatrixSnapshot> {
    const began = parts.clock.monotonicMs()
    const snapshot = await takeSnapshot(parts, tenant)
    const now = parts.clock.monotonicMs()
    const pause = Math.min(PAUSE_MOST_MS, PAUSE_PER_COST * (now - began))
    keep(tenant.id, { parts, snapshot, restsUntilMs: now + pause })
    return snapshot
  }

  function keep(id: number, entry: Entry): void {
    entries.delete(id)
    entries.set(id, entry)
    let squares = 0
    for (const { snapshot } of entries.values()) squares += snapshot.squares
    for (const [other, { snapshot }] of entries) {
      if (squares <= SQUARES_MOST || other === id) break
      squares -= snapshot.squares
      entries.delete(other)
    }
  }

  return {
    async of(parts, tenant, exact) {
      // Whoever comes while one is being taken waits for it, and then sees whether that will do.
      await underWay.get(tenant.id)?.catch(() => {})
      const known = entries.get(tenant.id)
      if (known?.parts === parts) {
        keep(tenant.id, known)
        const { revision } = await parts.catalog.asTenant(tenant, matrixRevision)
        if (revision === known.snapshot.revision) return known.snapshot
        if (!exact && parts.clock.monotonicMs() < known.restsUntilMs) {
          return { ...known.snapshot, isBehind: true }
        }
      }
      const other = underWay.get(tenant.id)
      // It began after this call, or before what this call must see: only `exact` cares.
      if (other && !exact) return other
      const taking = take(parts, tenant)
      underWay.set(tenant.id, taking)
      try {
        return await taking
      } finally {
        if (underWay.get(tenant.id) === taking) underWay.delete(tenant.id)
      }
    },
  }
}
