import {
  loadSourceObjects,
  recordSourceObjects,
  type SourceObject as KnownObject,
} from '#catalog/source-objects.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { catalogNow, noteLook, triggerById } from '#catalog/triggers.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { Attempt } from '#factory/attempt.ts'
import { makePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { SourceObject } from '#factory/sources.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { SourceDefinition } from '#model/definition.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanRequest } from '#model/plan.ts'
import type { ClaimedTask } from '#model/run.ts'

/** A sensor as it is stored; its source is its name. */
export interface SensorDefinition {
  readonly everyMs: number
  /** An object that changed less than this ago may still be written: it is waited for. */
  readonly settleMs: number
}

/**
 * One look at a source. Each object that nobody has seen under its tag starts exactly its plan: its
 * partition and whatever reads it. A tag is remembered with the run that it started, so that what
 * fails, is cancelled or undone is not started again until the object changes.
 */
export async function lookAtSource(
  parts: FactoryParts,
  own: Attempt,
  task: ClaimedTask,
): Promise<void> {
  const { tenant } = own
  const ends = [{ taskId: task.id, fence: task.fence, state: 'done' as const }]
  const id = task.partition
  const { trigger, now } = await parts.catalog.asTenant(tenant, async (session) => ({
    trigger: await triggerById(session, id),
    now: await catalogNow(session),
  }))
  if (!trigger || trigger.pausedAt !== null) {
    return parts.catalog.asTenant(tenant, (session) => endTasks(session, '', ends))
  }
  const { everyMs, settleMs } = trigger.definition as SensorDefinition
  const source = sourceNamed(parts, trigger.name)
  const objects = await parts.sources.survey(tenant, source, 'all')
  if (!objects) {
    throw new MillraceError('source-unconfigured', { source: source.name, tenant: tenant.slug })
  }
  const known = await parts.catalog.asTenant(tenant, (session) =>
    loadSourceObjects(session, source.name),
  )
  const { arrived, settling } = sortOut(objects, known, new Date(now.getTime() - settleMs))
  const made =
    arrived.size === 0 ? null : await makePlan(parts, tenant, requestFor(source, arrived))
  await parts.catalog.asTenant(tenant, async (session) => {
    if (made && made.planned.tasks.length > 0) {
      const { id: runId } = await applyPlan(parts, session, made.planned, {
        cause: 'sensor',
        title: `arrived: ${source.name} ${spanOf([...arrived.keys()])}`,
        triggerId: id,
      })
      own.log('info', `started ${runId} for ${arrived.size} objects`)
    }
    await recordSourceObjects(
      session,
      [...arrived].map(([key, object]) => seen(source, key, object)),
    )
    await noteLook(session, id, {
      againMs: settling === null ? everyMs : Math.min(everyMs, settling.getTime() - now.getTime()),
      error: null,
      state: { lookedAt: now.toISOString(), objects: objects.size, arrived: arrived.size },
    })
    await endTasks(session, '', ends)
  })
}

function sourceNamed({ datasets }: FactoryParts, name: string): SourceDefinition {
  const found = datasets.find((one) => one.name === name)
  if (found?.kind === 'source') return found
  throw new MillraceError('dataset-unknown', {
    dataset: name,
    known: datasets.filter(({ kind }) => kind === 'source').map((one) => one.name),
  })
}

/** Objects under a tag that nobody has seen: those that rest, and when the next of the others will. */
function sortOut(
  objects: ReadonlyMap<PartitionKey, SourceObject | null>,
  known: readonly KnownObject[],
  restingSince: Date,
): { arrived: Map<PartitionKey, SourceObject>; settling: Date | null } {
  const tags = new Map(known.map((object) => [object.partition, object]))
  const arrived = new Map<PartitionKey, SourceObject>()
  let youngest: number | null = null
  for (const [key, object] of objects) {
    const former = tags.get(key)
    if (!object || (former?.etag === object.etag && former.location === object.location)) continue
    if (object.modifiedAt <= restingSince) arrived.set(key, object)
    else youngest = Math.min(youngest ?? Infinity, object.modifiedAt.getTime())
  }
  const waitMs = youngest === null ? 0 : Math.max(1_000, youngest - restingSince.getTime())
  return {
    arrived,
    settling: youngest === null ? null : new Date(Date.parse(restingSince.toISOString()) + waitMs),
  }
}

function requestFor(
  source: SourceDefinition,
  arrived: ReadonlyMap<PartitionKey, unknown>,
): PlanRequest {
  return {
    datasets: [],
    partitions: null,
    mode: 'run',
    targets: [{ dataset: source.name, partitions: [...arrived.keys()].sort() }],
  }
}

function seen(
  source: SourceDefinition,
  partition: PartitionKey,
  object: SourceObject,
): KnownObject {
  const { location, etag, sizeBytes, modifiedAt } = object
  return { dataset: source.name, partition, location, etag, sizeBytes, modifiedAt, sha256: null }
}

function spanOf(keys: readonly PartitionKey[]): string {
  const sorted = keys.toSorted()
  const [first, last] = [sorted[0], sorted.at(-1)]
  return first === last ? `${first}` : `${first}..${last} (${sorted.length})`
}
