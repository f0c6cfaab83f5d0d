/** What was answered, in memory, each under a key of the tenant that it belongs to. */
export interface TenantCache<Value> {
  get(tenantId: number, key: string): Value | undefined
  /** `bytes`: about what it takes. */
  set(tenantId: number, key: string, value: Value, bytes: number): void
  /** Drops everything of a tenant. */
  forget(tenantId: number): void
}

/** A tenant's share, so that one that asks much does not take the others' answers away. */
const TENANT_SHARE = 1 / 4
/** Of a tenant's share: what is larger is worth asking again. */
const VALUE_SHARE = 1 / 4
/** Keys, objects and the map itself. */
const OVERHEAD_BYTES = 500

interface Entry<Value> {
  readonly value: Value
  readonly bytes: number
}

interface Shelf<Value> {
  /** Key of the entry that was used last; what is asked for again and again stays where it is. */
  newest: string | null
  readonly entries: Map<string, Entry<Value>>
  bytes: number
}

/** Keeps at most `bytesMax`, the last used; nothing where that is 0. */
export function createTenantCache<Value>(bytesMax: number): TenantCache<Value> {
  const shareBytes = bytesMax * TENANT_SHARE
  // Tenants in the order in which they were served last; so are a tenant's answers.
  const shelves = new Map<number, Shelf<Value>>()
  let total = 0
  /** The tenant that stands last in that order. */
  let served: number | null = null

  function drop(shelf: Shelf<Value>, key: string): void {
    const entry = shelf.entries.get(key)
    if (!entry) return
    shelf.entries.delete(key)
    shelf.bytes -= entry.bytes
    total -= entry.bytes
  }

  function dropOldest(tenantId: number, shelf: Shelf<Value>): void {
    const [oldest] = shelf.entries.keys()
    if (oldest !== undefined) drop(shelf, oldest)
    if (shelf.entries.size === 0) shelves.delete(tenantId)
  }

  function shelfOf(tenantId: number): Shelf<Value> {
    const known = shelves.get(tenantId)
    if (known && served === tenantId) return known
    const shelf = known ?? { newest: null, entries: new Map<string, Entry<Value>>(), bytes: 0 }
    shelves.delete(tenantId)
    shelves.set(tenantId, shelf)
    served = tenantId
    return shelf
  }

  return {
    get(tenantId, key) {
      const entry = shelves.get(tenantId)?.entries.get(key)
      if (!entry) return undefined
      const shelf = shelfOf(tenantId)
      if (shelf.newest !== key) {
        shelf.entries.delete(key)
        shelf.entries.set(key, entry)
        shelf.newest = key
      }
      return entry.value
    },
    set(tenantId, key, value, valueBytes) {
      const bytes = valueBytes + OVERHEAD_BYTES
      const shelf = shelfOf(tenantId)
      drop(shelf, key)
      if (bytes > shareBytes * VALUE_SHARE) return
      while (shelf.bytes + bytes > shareBytes) dropOldest(tenantId, shelf)
      while (total + bytes > bytesMax) {
        const [oldest] = shelves
        if (!oldest) break
        dropOldest(...oldest)
      }
      const own = shelfOf(tenantId)
      own.entries.set(key, { value, bytes })
      own.newest = key
      own.bytes += bytes
      total += bytes
    },
    forget(tenantId) {
      total -= shelves.get(tenantId)?.bytes ?? 0
      shelves.delete(tenantId)
    },
  }
}
