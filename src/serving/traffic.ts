import type { Catalog } from '#catalog/catalog.ts'
import {
  addEndpointTraffic,
  LATENCY_BOUNDS_MS,
  type TrafficCounts,
  type TrafficKey,
} from '#catalog/endpoint-traffic.ts'
import type { Clock } from '#kernel/clock.ts'
import type { ErrorKind } from '#kernel/error-entry.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Tenant } from '#model/tenant.ts'

/** Counts requests for rows of endpoints: at most these last seconds are lost by a kill. */
export interface Traffic {
  note(tenant: Tenant, request: EndpointRequest): void
  /** Writes what has been counted until now. */
  flush(): Promise<void>
  close(): Promise<void>
}

export interface EndpointRequest extends TrafficKey {
  /** Whose move it was where it was not answered; null: it was. */
  readonly error: ErrorKind | null
  /** Answered without reading a row. */
  readonly isCached: boolean
  readonly rows: number
  readonly bytes: number
  readonly ms: number
}

type Counts = { -readonly [Name in keyof TrafficCounts]: TrafficCounts[Name] } & {
  readonly latency: number[]
}
type Entry = TrafficKey & Counts & { readonly tenantId: number }

const EVERY_MS = 5_000
/** Callers that are counted one by one between two writes; those beyond it are counted together. */
const ENTRIES_MAX = 10_000
const OTHERS = 'others'
export const KEEP_TRAFFIC_DAYS = 400

export function openTraffic(parts: {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Logger
}): Traffic {
  const { catalog, clock, log } = parts
  const closing = new AbortController()
  let entries = new Map<string, Entry>()
  let waiting: Promise<void> | null = null
  let writing: Promise<void> = Promise.resolve()

  function entryFor(tenant: Tenant, { endpoint, version, caller }: TrafficKey): Entry {
    const own = `${tenant.id} ${endpoint} ${version} `
    const isNew = !entries.has(own + caller)
    const counted = isNew && entries.size >= ENTRIES_MAX ? OTHERS : caller
    const known = entries.get(own + counted)
    if (known) return known
    const entry = { tenantId: tenant.id, endpoint, version, caller: counted, ...nothing() }
    entries.set(own + counted, entry)
    return entry
  }

  /** One write at a time, in the order in which it was counted. */
  function flush(): Promise<void> {
    const counted = [...entries.values()]
    entries = new Map()
    if (counted.length > 0) {
      writing = writing.then(() =>
        catalog
          .asSystem((session) => addEndpointTraffic(session, counted, KEEP_TRAFFIC_DAYS))
          .catch((error: unknown) => {
            log.warn('requests for endpoints were not counted', { entries: counted.length, error })
          }),
      )
    }
    return writing
  }

  async function flushLater(): Promise<void> {
    await clock.sleep(EVERY_MS, closing.signal).catch(() => {})
    waiting = null
    await flush()
  }

  return {
    note(tenant, request) {
      add(entryFor(tenant, request), request)
      waiting ??= flushLater()
    },
    flush,
    async close() {
      closing.abort()
      await waiting
      await flush()
    },
  }
}

function nothing(): Counts {
  return {
    requests: 0,
    refused: 0,
    unavailable: 0,
    broken: 0,
    cached: 0,
    rows: 0,
    bytes: 0,
    totalMs: 0,
    latency: Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0),
  }
}

function add(counts: Counts, { error, isCached, rows, bytes, ms }: EndpointRequest): void {
  counts.requests++
  if (error === 'user') counts.refused++
  else if (error === 'operational') counts.unavailable++
  else if (error !== null) counts.broken++
  if (isCached) counts.cached++
  counts.rows += rows
  counts.bytes += bytes
  counts.totalMs += ms
  const found = LATENCY_BOUNDS_MS.findIndex((bound) => ms <= bound)
  const bucket = found < 0 ? LATENCY_BOUNDS_MS.length : found
  counts.latency[bucket] = (counts.latency[bucket] ?? 0) + 1
}
