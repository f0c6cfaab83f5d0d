import type { DueTrigger, NewestPartition, TriggerMove } from '#catalog/trigger-queue.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { endOf, isKeyOf, lengths } from '#model/partition-key.ts'

/** How old a dataset may be, as it is stored. */
export interface FreshnessDefinition {
  readonly maxAgeMs: number
  /** A definition's own rule, or one that a tenant has set. */
  readonly origin: 'definition' | 'tenant'
}

export interface FreshnessState {
  readonly state: 'kept' | 'breached'
  /** Newest partition then; null: nothing is published. */
  readonly newest: string | null
  /** Since when it is (or was last known to be) so old, or when it will be. */
  readonly breachAt: string
}

/** A breached rule is looked at again so soon, to see that it is kept again. */
const AGAIN_MS = 60_000

/**
 * Since when a dataset ages: the end of its newest period, so that an old partition that is built
 * again makes nothing look fresh; of an uncut one the time of its publish.
 */
export function ageStart(
  definition: DatasetDefinition | undefined,
  newest: Pick<NewestPartition, 'partition' | 'publishedAt'>,
): Date {
  const grain = definition?.partitioning.grain ?? 'none'
  const period = newest.partition.slice(0, lengths[grain])
  return grain !== 'none' && isKeyOf(period, grain) ? endOf(period, grain) : newest.publishedAt
}

/** What follows for a rule that is due; `createdAt`-less rules of empty datasets age from their first look. */
export function moveFreshness(
  trigger: DueTrigger,
  definition: DatasetDefinition | undefined,
  newest: NewestPartition | undefined,
): TriggerMove {
  const { tenantId, id, now, name } = trigger
  const { maxAgeMs } = trigger.definition as FreshnessDefinition
  const former = trigger.state as Partial<FreshnessState> & { firstLook?: string }
  const firstLook = former.firstLook ?? now.toISOString()
  const start = newest ? ageStart(definition, newest) : new Date(firstLook)
  const breachAt = new Date(start.getTime() + maxAgeMs)
  const state = breachAt <= now ? 'breached' : 'kept'
  const current: FreshnessState = {
    state,
    newest: newest?.partition ?? null,
    breachAt: breachAt.toISOString(),
  }
  const isNews = state !== (former.state ?? 'kept')
  const payload = { dataset: name, maxAgeMs, newest: current.newest, since: current.breachAt }
  return {
    tenantId,
    id,
    dueAt: null,
    nextAt: state === 'breached' ? new Date(now.getTime() + AGAIN_MS) : breachAt,
    state: { ...current, firstLook },
    ...(isNews
      ? { tell: { kind: state === 'breached' ? 'freshness.breached' : 'freshness.kept', payload } }
      : {}),
  }
}
