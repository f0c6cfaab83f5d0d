import { askForReplays } from '#catalog/append-mends.ts'
import { applyFixes, fixNames, pendingPartitions } from '#catalog/fixes.ts'
import { applyRepairs, loadMendNames, pendingRepairs } from '#catalog/repairs.ts'
import { loadOrigins } from '#catalog/source-objects.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Parts } from '#operations/parts.ts'

/** What was asked for, and is done by whoever makes segments. */
export interface SentReplay {
  readonly fixes: number
  readonly repairs: number
  readonly partitions: PartitionKey[]
  /** Parallel to the partitions. */
  readonly acknowledgements: string[]
}

/**
 * Applies what waits for rows that were sent: each partition that holds some of them back is judged
 * once more, by a request of its own in the lane of the dataset. Asking twice asks for the same thing
 * again, which changes nothing. Throws `mends-none`.
 */
export async function replaySent(
  { catalog, ids }: Pick<Parts, 'catalog' | 'ids'>,
  tenant: Tenant,
  dataset: string,
): Promise<SentReplay> {
  return catalog.asTenant(tenant, async (session) => {
    const pending = (await pendingPartitions(session, dataset)).map(({ partition }) => partition)
    const changed = await pendingRepairs(session, dataset)
    const fixes = await applyFixes(session, dataset, pending)
    const repairs = await applyRepairs(session, dataset)
    const named = new Set([...pending, ...(await fixNames(session, dataset)).keys()])
    const { repairs: working } = await loadMendNames(session, dataset)
    const isOfAll = changed > 0 || working.length > 0
    if (!isOfAll && named.size === 0) throw new MillraceError('mends-none', { dataset })
    const replays = (await loadOrigins(session, dataset))
      .filter(
        ({ partition, origin }) => origin.quarantined > 0 && (isOfAll || named.has(partition)),
      )
      .map(({ partition, origin }) => ({
        id: ids.next('ack'),
        partition,
        held: origin.quarantined,
      }))
    if (replays.length > 0) await askForReplays(session, dataset, replays)
    return {
      fixes,
      repairs,
      partitions: replays.map(({ partition }) => partition),
      acknowledgements: replays.map(({ id }) => id),
    }
  })
}
