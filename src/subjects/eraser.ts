import { claimErasure, putOffErasure, stepErasure, type ErasureLease } from '#catalog/erasures.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { Clock } from '#kernel/clock.ts'
import { toErrorData, toMillraceError, type ErrorData } from '#kernel/errors.ts'
import type { Logger } from '#kernel/logger.ts'
import { LEASE_MS, type SubjectParts } from '#subjects/parts.ts'
import { performErasure } from '#subjects/perform-erasure.ts'

const LOOK_EVERY_MS = 2_000
const RUN_LOOK_MS = 1_000
const AFTER_PROBLEM_MS = 60_000

export interface EraserParts {
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Logger
  /** Of the code that is deployed at that moment. */
  current(): SubjectParts
}

/**
 * Carries out erasures, one at a time in each process; of all processes, one is at work on each. What
 * a process that died has left is taken over when its lease ends.
 */
export function startEraser({ catalog, clock, log, current }: EraserParts): {
  stop(): Promise<void>
} {
  const stopping = new AbortController()

  async function next(): Promise<boolean> {
    const lease = await catalog.asSystem((session) => claimErasure(session, LEASE_MS))
    if (!lease) return false
    const lost = new AbortController()
    const signal = AbortSignal.any([stopping.signal, lost.signal])
    const renewing = renew(lease, lost, signal)
    try {
      const done = await performErasure(current(), lease, signal)
      lost.abort()
      if (!done) await putOff(lease, RUN_LOOK_MS, null)
      else log.info('a subject was erased', { erasure: lease.id, tenant: lease.tenant.slug })
    } catch (error) {
      lost.abort()
      if (toMillraceError(error).code === 'lease-lost') return true
      if (stopping.signal.aborted) await putOff(lease, 0, null)
      else {
        log.warn('an erasure waits', { erasure: lease.id, tenant: lease.tenant.slug, error })
        await putOff(lease, AFTER_PROBLEM_MS, toErrorData(error))
      }
    } finally {
      lost.abort()
      await renewing
    }
    return true
  }

  function putOff(lease: ErasureLease, delayMs: number, problem: ErrorData | null): Promise<void> {
    return catalog.asTenant(lease.tenant, (session) =>
      putOffErasure(session, lease, delayMs, problem),
    )
  }

  /** A single file may take longer to rewrite than the lease lasts. */
  async function renew(
    lease: ErasureLease,
    lost: AbortController,
    signal: AbortSignal,
  ): Promise<void> {
    for (;;) {
      await clock.sleep(LEASE_MS / 3, signal).catch(() => {})
      if (signal.aborted) return
      await catalog
        .asTenant(lease.tenant, (session) => stepErasure(session, lease, {}, LEASE_MS))
        .catch((error: unknown) => {
          if (toMillraceError(error).code === 'lease-lost') lost.abort(error)
          else log.warn('renewing the lease of an erasure', { error })
        })
    }
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      const more = await next().catch((error: unknown) => {
        log.warn('erasing', { error })
        return false
      })
      if (!more) await clock.sleep(LOOK_EVERY_MS, stopping.signal).catch(() => {})
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
