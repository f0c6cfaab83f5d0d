import { isWaiting } from '#catalog/append-lanes.ts'
import {
  getErasure,
  stepErasure,
  type Erasure,
  type ErasureLease,
  type ErasureState,
} from '#catalog/erasures.ts'
import { isAppendSource } from '#factory/append/parts.ts'
import { eraseFromSources } from '#subjects/erase-sources.ts'
import { purgeResults, recompute } from '#subjects/erase-results.ts'
import { LEASE_MS, type SubjectParts } from '#subjects/parts.ts'

/**
 * Carries an erasure as far as it goes now: true once it is done, false where it waits for a run. Every
 * step is written down under the lease; throws `lease-lost` when another process has it.
 */
export async function performErasure(
  subjects: SubjectParts,
  lease: ErasureLease,
  signal: AbortSignal,
): Promise<boolean> {
  const { catalog } = subjects.parts
  const enter = (state: ErasureState) =>
    catalog.asTenant(lease.tenant, (session) => stepErasure(session, lease, { state }, LEASE_MS))
  for (;;) {
    signal.throwIfAborted()
    const erasure = await catalog.asTenant(lease.tenant, (session) => getErasure(session, lease.id))
    switch (erasure.state) {
      case 'waiting':
        if (await isStillArriving(subjects, lease, erasure)) return false
        await enter('rewriting')
        break
      case 'rewriting':
        await eraseFromSources(subjects.parts, lease, erasure, signal)
        await enter('recomputing')
        break
      case 'recomputing':
        if (!(await recompute(subjects, lease, erasure))) return false
        await enter('purging')
        break
      case 'purging': {
        await purgeResults(subjects, lease, signal)
        // What was under way while the former results went may have read them.
        const isClean = await recompute(subjects, lease, erasure)
        await enter(isClean ? 'done' : 'recomputing')
        break
      }
      case 'done':
        return true
    }
  }
}

/** Rows that were sent before the erasure was asked for are let into their dataset first, without the erased. */
function isStillArriving(
  { parts }: SubjectParts,
  { tenant }: ErasureLease,
  { createdAt }: Erasure,
): Promise<boolean> {
  const sent = parts.datasets.filter(isAppendSource).map(({ name }) => name)
  return parts.catalog.asTenant(tenant, (session) => isWaiting(session, sent, createdAt))
}
