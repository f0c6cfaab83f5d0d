import type { Catalog } from '#catalog/catalog.ts'
import { eventHeads, eventRange, listEvents, type EventRange } from '#catalog/events.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import type { Access } from '#model/access.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { DomainEvent } from '#model/domain-event.ts'
import type { Tenant } from '#model/tenant.ts'
import { visibleEvent } from '#model/visible-event.ts'

export interface EventFeedParts {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Logger
  readonly datasets: () => readonly DatasetDefinition[]
}

/** What has come, and how far the tenant's events were gone through for it. */
export interface EventBatch {
  readonly events: readonly DomainEvent[]
  readonly cursor: number
}

/** The events of tenants as they are committed, for any number of listeners in this process. */
export interface EventFeed {
  /**
   * A tenant's events after a sequence (null: from now on), as somebody with this access sees them,
   * until the signal is aborted. Nothing is fetched for a listener that does not ask for more. Throws
   * `event-streams-exhausted`, `events-gone`, `events-not-yet`.
   */
  listen(
    tenant: Tenant,
    access: Access,
    after: number | null,
    signal: AbortSignal,
  ): AsyncIterable<DomainEvent>
  /** Throws what `listen` would throw now. */
  check(tenant: Tenant, after: number | null): Promise<unknown>
  /**
   * The same as `listen`, batch by batch; one without events tells that others were gone through.
   * `untilNow`: ends after what is there already.
   */
  batches(
    tenant: Tenant,
    access: Access,
    after: number | null,
    signal: AbortSignal,
    untilNow?: boolean,
  ): AsyncGenerator<EventBatch, void, undefined>
}

/** Listeners of one tenant in one process. */
export const STREAMS_MAX = 50
const PAGE = 200
/** Newest events of a tenant that are kept for its listeners; whoever is behind them reads by himself. */
const TAIL = 500
/** Notices may be missed while a connection is down. */
const LOOK_EVERY_MS = 5_000

/**
 * What all listeners of one tenant share: one query fetches what is new for all of them. `events` are
 * those after `from` up to `last`, all of them.
 */
interface Tail {
  readonly tenant: Tenant
  listeners: number
  from: number
  last: number
  events: readonly DomainEvent[]
  /** Set while somebody fetches; true when he has to look again. */
  fetching: boolean
  stale: boolean
  /** Listeners that have seen everything and wait. */
  readonly waiting: Set<() => void>
}

export function openEventFeed({ catalog, clock, log, datasets }: EventFeedParts): EventFeed {
  const tails = new Map<number, Tail>()
  let stopListening: (() => void) | null = null
  let looking: AbortController | null = null

  /** The only one who moves a tail on. A failed look is made up for by the next notice or turn. */
  async function refresh(tail: Tail): Promise<void> {
    tail.stale = true
    if (tail.fetching) return
    tail.fetching = true
    try {
      while (tail.stale && tail.listeners > 0) {
        tail.stale = false
        const { events, cursor } = await catalog.asTenant(tail.tenant, (session) =>
          listEvents(session, { after: tail.last, limit: PAGE }),
        )
        if (cursor === tail.last) continue
        const all = [...tail.events, ...events]
        const kept = all.slice(-TAIL)
        if (kept.length < all.length) tail.from = (kept[0]?.sequence ?? cursor + 1) - 1
        tail.events = kept
        tail.last = cursor
        tail.stale = true
        for (const wake of tail.waiting) wake()
        tail.waiting.clear()
      }
    } catch (error) {
      log.warn('looking for events', { tenant: tail.tenant.slug, error })
    } finally {
      tail.fetching = false
    }
  }

  /** One query tells which of the tenants with listeners have something new. */
  async function lookRegularly(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {})
      if (signal.aborted) return
      try {
        const heads = await catalog.asSystem((session) => eventHeads(session, [...tails.keys()]))
        for (const [id, last] of heads) {
          const tail = tails.get(id)
          if (tail && tail.last < last) void refresh(tail)
        }
      } catch (error) {
        log.warn('looking for events', { error })
      }
    }
  }

  function begin(): void {
    stopListening = catalog.onEvents((tenantId) => {
      const told = tenantId === null ? [...tails.values()] : [tails.get(tenantId)]
      for (const tail of told) if (tail) void refresh(tail)
    })
    looking = new AbortController()
    void lookRegularly(looking.signal)
  }

  function hold(tenant: Tenant, last: number): Tail {
    const known = tails.get(tenant.id)
    if (known) {
      known.listeners++
      return known
    }
    const tail: Tail = {
      tenant,
      listeners: 1,
      from: last,
      last,
      events: [],
      fetching: false,
      stale: false,
      waiting: new Set(),
    }
    tails.set(tenant.id, tail)
    if (tails.size === 1) begin()
    return tail
  }

  function release(tail: Tail): void {
    if (--tail.listeners > 0) return
    tails.delete(tail.tenant.id)
    if (tails.size > 0) return
    stopListening?.()
    looking?.abort()
  }

  async function check(tenant: Tenant, after: number | null): Promise<EventRange> {
    const range = await catalog.asTenant(tenant, eventRange)
    assertWithin(after, range)
    if ((tails.get(tenant.id)?.listeners ?? 0) >= STREAMS_MAX) {
      throw new MillraceError('event-streams-exhausted', { most: STREAMS_MAX })
    }
    return range
  }

  async function* batches(
    tenant: Tenant,
    access: Access,
    after: number | null,
    signal: AbortSignal,
    untilNow = false,
  ): AsyncGenerator<EventBatch, void, undefined> {
    const range = await check(tenant, after)
    const tail = hold(tenant, range.last)
    let wake = () => {}
    const onAbort = () => wake()
    signal.addEventListener('abort', onAbort)
    const seen = (events: readonly DomainEvent[]) =>
      events.flatMap((event) => {
        const definitionOf = (name: string) => datasets().find((one) => one.name === name)
        return visibleEvent(event, access, definitionOf) ?? []
      })
    let at = after ?? range.last
    try {
      // Whatever was committed between the look at the range and the first notice.
      void refresh(tail)
      while (!signal.aborted && !(untilNow && at >= range.last)) {
        if (at >= tail.last) {
          await new Promise<void>((resolve) => {
            wake = resolve
            tail.waiting.add(resolve)
          })
          tail.waiting.delete(wake)
          continue
        }
        const page =
          at >= tail.from
            ? { events: tail.events.filter(({ sequence }) => sequence > at), cursor: tail.last }
            : await readBehind(tail, at)
        at = page.cursor
        yield { events: seen(page.events), cursor: at }
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      release(tail)
    }
  }

  async function readBehind({ tenant }: Tail, after: number): Promise<EventBatch> {
    return catalog.asTenant(tenant, async (session) => {
      const page = await listEvents(session, { after, limit: PAGE })
      assertWithin(after, await eventRange(session))
      return page
    })
  }

  return {
    check,
    batches,
    async *listen(tenant, access, after, signal) {
      for await (const { events } of batches(tenant, access, after, signal)) yield* events
    },
  }
}

/** Throws `events-gone` where something behind `after` may be removed, `events-not-yet` where nothing is. */
export function assertWithin(after: number | null, { last, swept }: EventRange): void {
  if (after === null) return
  if (after < swept) throw new MillraceError('events-gone', { after, swept })
  if (after > last) throw new MillraceError('events-not-yet', { after, last })
}
