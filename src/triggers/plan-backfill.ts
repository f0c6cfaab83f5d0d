import { backfillToPlan, notePlanned } from '#catalog/backfills.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { Attempt } from '#factory/attempt.ts'
import { makePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { toErrorData, toMillraceError } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import { requestOf } from '#triggers/region-request.ts'

/** Plans one tenant's part of a backfill, and starts its run in the transaction that ends the task. */
export async function planBackfill(
  parts: FactoryParts,
  own: Attempt,
  task: ClaimedTask,
): Promise<void> {
  const { tenant } = own
  const ends = [{ taskId: task.id, fence: task.fence, state: 'done' as const }]
  const backfillId = task.partition
  const part = await parts.catalog.asTenant(tenant, (session) =>
    backfillToPlan(session, backfillId),
  )
  if (!part) return parts.catalog.asTenant(tenant, (session) => endTasks(session, '', ends))
  const made = await makePlan(parts, tenant, requestOf(part.request, parts.datasets)).catch(
    (thrown: unknown) => {
      // A tenant that the source does not concern has nothing to fill.
      if (toMillraceError(thrown).code === 'source-unconfigured') return toErrorData(thrown)
      throw thrown
    },
  )
  await parts.catalog.asTenant(tenant, async (session) => {
    if (!('planned' in made) || made.planned.tasks.length === 0) {
      const error = 'planned' in made ? undefined : made
      await notePlanned(session, backfillId, { state: 'nothing', error })
    } else if (await notePlanned(session, backfillId, { state: 'started' })) {
      // Not where it was cancelled meanwhile.
      const run = await applyPlan(parts, session, made.planned, {
        cause: 'backfill',
        title: part.title,
        class: part.class,
        backfillId,
      })
      await notePlanned(session, backfillId, { state: 'started', runId: run.id })
    }
    await endTasks(session, '', ends)
  })
}
