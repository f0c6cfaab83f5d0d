import { forgetAcknowledgements } from '#catalog/acknowledgements.ts'
import {
  claimLanes,
  openLane,
  putOffLane,
  releaseLane,
  tellSettled,
  type LaneLease,
} from '#catalog/append-lanes.ts'
import { takeChore } from '#catalog/chores.ts'
import type { Engine } from '#engine/engine.ts'
import { compactLane } from '#factory/append/compact.ts'
import { flushLane } from '#factory/append/flush.ts'
import { appendSource, type AppendParts } from '#factory/append/parts.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { toErrorData, toMillraceError } from '#kernel/errors.ts'

export interface FlusherParts extends Pick<FactoryParts, 'catalog' | 'clock' | 'log'> {
  /** Of the code that is current. */
  current(): FactoryParts
  /** For segments alone: a long build delays none. */
  readonly engine: Engine
  /** Lanes at the same time. */
  readonly lanes: number
  /** Called when the first of some lanes is taken, and when the last has ended. */
  readonly busy: (isBusy: boolean) => void
}

const LEASE_MS = 12_000
/** How soon what waits is seen: while something comes, and after a while without anything. */
const SOON_MS = 150
const IDLE_MS = 500
const STAYS_SOON_MS = 10_000
/** Acknowledgements can be asked for so long. */
const KEEP_MS = 7 * 86_400_000
const FORGET_EVERY_MS = 3_600_000
const FORGET_AT_ONCE = 5_000

/**
 * Makes segments of what waits, tells analyses, compacts. Any number of processes share the lanes, one
 * is at work on each; what a process that died has left is taken over when its lease ends.
 */
export function startFlusher(parts: FlusherParts): { stop(): Promise<void> } {
  const { catalog, clock, log } = parts
  const stopping = new AbortController()
  const working = new Set<Promise<void>>()
  let freed = Promise.withResolvers<void>()
  let lastWorkMs = -Infinity

  async function look(): Promise<void> {
    const most = parts.lanes - working.size
    if (most <= 0) return
    const leases = await catalog.asSystem((session) => claimLanes(session, most, LEASE_MS))
    for (const lease of leases) {
      lastWorkMs = clock.monotonicMs()
      if (working.size === 0) parts.busy(true)
      const ended = workIn(lease).finally(() => {
        working.delete(ended)
        if (working.size === 0) parts.busy(false)
        freed.resolve()
      })
      working.add(ended)
    }
  }

  async function workIn(lease: LaneLease): Promise<void> {
    const lost = new AbortController()
    const ended = new AbortController()
    const signal = AbortSignal.any([stopping.signal, lost.signal])
    const renewing = renew(lease, lost, AbortSignal.any([signal, ended.signal]))
    try {
      await perform({ ...parts.current(), engine: parts.engine }, lease, signal)
      await catalog.asTenant(lease.tenant, (session) => releaseLane(session, lease, true))
    } catch (thrown) {
      await giveBack(lease, thrown).catch((error: unknown) => log.warn('a lane', { error }))
    } finally {
      ended.abort()
      await renewing
    }
  }

  /** When the process stops, others go on at once; otherwise the lane waits a little. */
  async function giveBack(lease: LaneLease, thrown: unknown): Promise<void> {
    if (toMillraceError(thrown).code === 'lease-lost') return
    const lane = { tenant: lease.tenant.slug, dataset: lease.dataset }
    if (!stopping.signal.aborted) log.warn('a segment waits', { ...lane, error: thrown })
    await catalog.asTenant(lease.tenant, (session) =>
      stopping.signal.aborted
        ? releaseLane(session, lease, false)
        : putOffLane(session, lease, toErrorData(thrown)),
    )
  }

  async function renew(
    lease: LaneLease,
    lost: AbortController,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await clock.sleep(LEASE_MS / 3, signal).catch(() => {})
      if (signal.aborted) return
      await catalog
        .asTenant(lease.tenant, (session) => openLane(session, lease, LEASE_MS))
        .catch((error: unknown) => {
          if (toMillraceError(error).code === 'lease-lost') lost.abort(error)
          else log.warn('renewing the lease of a lane', { error })
        })
    }
  }

  async function forget(): Promise<void> {
    const ours = await catalog.asSystem((session) =>
      takeChore(session, 'forget acknowledgements', FORGET_EVERY_MS),
    )
    for (let gone = FORGET_AT_ONCE; ours && gone === FORGET_AT_ONCE;) {
      gone = await catalog.asSystem((session) =>
        forgetAcknowledgements(session, KEEP_MS, FORGET_AT_ONCE),
      )
    }
  }

  async function loop(): Promise<void> {
    let forgetMs = -Infinity
    while (!stopping.signal.aborted) {
      freed = Promise.withResolvers<void>()
      await look().catch((error: unknown) => log.warn('looking for segments', { error }))
      if (clock.monotonicMs() - forgetMs >= FORGET_EVERY_MS) {
        forgetMs = clock.monotonicMs()
        await forget().catch((error: unknown) => log.warn('forgetting acknowledgements', { error }))
      }
      const isSoon = clock.monotonicMs() - lastWorkMs < STAYS_SOON_MS
      const over = new AbortController()
      const signal = AbortSignal.any([over.signal, stopping.signal])
      const waits = clock.sleep(isSoon ? SOON_MS : IDLE_MS, signal).catch(() => {})
      await Promise.race([waits, freed.promise])
      over.abort()
    }
  }

  const ended = loop()
  return {
    async stop() {
      stopping.abort()
      await ended
      await Promise.all(working)
    },
  }
}

/** After so many failures requests are tried one by one: one of them may be what is wrong. */
const FEW_AFTER = 3

/** All that is due in a lane, once. */
async function perform(parts: AppendParts, lease: LaneLease, signal: AbortSignal): Promise<void> {
  const state = await parts.catalog.asTenant(lease.tenant, (session) =>
    openLane(session, lease, LEASE_MS),
  )
  const work = { lease, source: appendSource(parts.datasets, lease.dataset), signal }
  if (state.flush) await flushLane(parts, work, state.failures >= FEW_AFTER)
  if (state.settle) {
    const laterMs = state.settling ? work.source.append.settleMs : null
    await parts.catalog.asTenant(lease.tenant, (session) => tellSettled(session, lease, laterMs))
  }
  if (state.compact) await compactLane(parts, work)
}
