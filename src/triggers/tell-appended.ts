import { noteSettled, unsettledPartitions } from '#catalog/append-lanes.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { Attempt } from '#factory/attempt.ts'
import { makePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { PlanRequest } from '#model/plan.ts'
import type { ClaimedTask } from '#model/run.ts'

/**
 * Starts what follows from rows that were appended since analyses were told last: the partitions they
 * fell into and whatever reads them. A lane asks for it once in its time to settle.
 */
export async function tellAppended(
  parts: FactoryParts,
  own: Attempt,
  task: ClaimedTask,
): Promise<void> {
  const { tenant } = own
  const dataset = task.partition
  const ends = [{ taskId: task.id, fence: task.fence, state: 'done' as const }]
  const { partitions, commitNumber } = await parts.catalog.asTenant(tenant, (session) =>
    unsettledPartitions(session, dataset),
  )
  const request: PlanRequest = {
    datasets: [],
    partitions: null,
    mode: 'run',
    targets: [{ dataset, partitions }],
  }
  const made = partitions.length === 0 ? null : await makePlan(parts, tenant, request)
  await parts.catalog.asTenant(tenant, async (session) => {
    if (made && made.planned.tasks.length > 0) {
      const { id } = await applyPlan(parts, session, made.planned, {
        cause: 'append',
        title: `appended: ${dataset} ${spanOf(partitions)}`,
        triggerId: `append ${dataset}`,
      })
      own.log('info', `started ${id} for ${partitions.length} partitions`)
    }
    await noteSettled(session, dataset, commitNumber)
    await endTasks(session, '', ends)
  })
}

function spanOf(keys: readonly string[]): string {
  const [first, last] = [keys[0], keys.at(-1)]
  return first === last ? `${first}` : `${first}..${last} (${keys.length})`
}
