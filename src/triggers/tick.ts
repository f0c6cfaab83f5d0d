import type { Catalog } from '#catalog/catalog.ts'
import {
  dueTriggers,
  moveTriggers,
  newestPartitions,
  type DueTrigger,
  type NewestPartition,
  type NewFiring,
  type TriggerMove,
} from '#catalog/trigger-queue.ts'
import { toMillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { moveFreshness } from '#triggers/freshness.ts'
import { moveSchedule } from '#triggers/schedule-times.ts'
import type { SensorDefinition } from '#triggers/sensor.ts'

/** A trigger that cannot be understood is looked at again when somebody may have mended it. */
const BROKEN_AGAIN_MS = 3_600_000

/**
 * One look at what is due: each trigger is moved on and what it starts is enqueued, in the
 * transaction that locks it, so that any number of schedulers fire each due time once. Returns how
 * many were due.
 */
export async function tick(
  { catalog, datasets }: { readonly catalog: Catalog; datasets(): readonly DatasetDefinition[] },
  most: number,
): Promise<number> {
  return catalog.asSystem(async (session) => {
    const due = await dueTriggers(session, most)
    const rules = due.filter(({ kind }) => kind === 'freshness')
    const newest = await newestPartitions(
      session,
      rules.map(({ tenantId, name }) => ({ tenantId, dataset: name })),
    )
    const moves: TriggerMove[] = []
    const firings: NewFiring[] = []
    for (const trigger of due) {
      const { move, fired = [] } = moveOne(trigger, datasets(), newest)
      moves.push(move)
      firings.push(...fired)
    }
    await moveTriggers(session, moves, firings)
    return due.length
  })
}

function moveOne(
  trigger: DueTrigger,
  datasets: readonly DatasetDefinition[],
  newest: readonly NewestPartition[],
): { move: TriggerMove; fired?: readonly NewFiring[] } {
  const { tenantId, id, now, name } = trigger
  try {
    switch (trigger.kind) {
      case 'schedule': {
        const { move, firings } = moveSchedule(trigger)
        return { move, fired: firings }
      }
      case 'sensor': {
        // The look's own end says when the next one is due; this is for looks that never end.
        const { everyMs } = trigger.definition as SensorDefinition
        const nextAt = new Date(now.getTime() + everyMs)
        return { move: { tenantId, id, dueAt: null, nextAt, look: !trigger.open } }
      }
      case 'freshness': {
        const definition = datasets.find((one) => one.name === name)
        const own = newest.find((one) => one.tenantId === tenantId && one.dataset === name)
        return { move: moveFreshness(trigger, definition, own) }
      }
    }
  } catch (thrown) {
    const { code, details } = toMillraceError(thrown)
    const nextAt = new Date(now.getTime() + BROKEN_AGAIN_MS)
    return { move: { tenantId, id, dueAt: trigger.dueAt, nextAt, error: { code, details } } }
  }
}
