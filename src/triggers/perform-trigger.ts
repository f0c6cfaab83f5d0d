import { notePlanned } from '#catalog/backfills.ts'
import { noteFiring } from '#catalog/trigger-firings.ts'
import { noteLook, triggerById } from '#catalog/triggers.ts'
import { endUnsuccessfully, type Attempt } from '#factory/attempt.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { partsWithPacks, type TenantPacks } from '#factory/tenant-packs.ts'
import type { TriggerWork } from '#factory/worker.ts'
import { MillraceError, toErrorData, type ErrorData } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import { withPacks, type Preparation } from '#tasks/prepare-tasks.ts'
import { fireSchedule } from '#triggers/fire-schedule.ts'
import { planBackfill } from '#triggers/plan-backfill.ts'
import { triggerTasks } from '#triggers/schedule.ts'
import { tellAppended } from '#triggers/tell-appended.ts'
import { lookAtSource, type SensorDefinition } from '#triggers/sensor.ts'

/** As migration 0014 enqueues them. */
const ATTEMPTS = 5
const LOOK_AGAIN_MOST_MS = 3_600_000

/**
 * What slots do with tasks of kind `trigger`, with the parts of the code that is current then.
 * `packs`: what each tenant sees of it.
 */
export function createTriggerWork(
  current: () => FactoryParts,
  preparation: Preparation,
  packs: TenantPacks,
): TriggerWork {
  return async (own, task) => {
    const parts = current()
    try {
      const has = await packs.of(own.tenant)
      await perform(partsWithPacks(parts, has), withPacks(preparation, has), own, task)
    } catch (thrown) {
      const error = toErrorData(thrown)
      own.log('error', error.message)
      const isOver = own.signal.aborted || error.code === 'lease-lost'
      if (!isOver) await note(parts, own, task, error)
      await endUnsuccessfully(parts, own, own.tasks, asLast(task, thrown))
    }
  }
}

function perform(
  parts: FactoryParts,
  preparation: Preparation,
  own: Attempt,
  task: ClaimedTask,
): Promise<void> {
  switch (task.dataset) {
    case triggerTasks.schedule:
      return fireSchedule(parts, preparation, own, task)
    case triggerTasks.sensor:
      return lookAtSource(parts, own, task)
    case triggerTasks.backfill:
      return planBackfill(parts, own, task)
    case triggerTasks.append:
      return tellAppended(parts, own, task)
    default:
      throw new MillraceError('internal', { message: `nothing carries out ${task.dataset}` })
  }
}

/** A look is not tried again by itself: the next look is. */
function asLast(task: ClaimedTask, thrown: unknown): unknown {
  if (task.dataset !== triggerTasks.sensor) return thrown
  const { message } = toErrorData(thrown)
  return new MillraceError('look-failed', { trigger: task.partition, message }, { cause: thrown })
}

/** Tells the trigger or the backfill what went wrong, where people look for it. */
async function note(
  parts: FactoryParts,
  own: Attempt,
  task: ClaimedTask,
  error: ErrorData,
): Promise<void> {
  const isLast = !error.retryable || task.attempt >= ATTEMPTS
  const [id = '', dueText = ''] = task.partition.split(' ')
  await parts.catalog.asTenant(own.tenant, async (session) => {
    if (task.dataset === triggerTasks.schedule) {
      const state = isLast ? 'failed' : 'started'
      return noteFiring(session, id, new Date(dueText), { state, detail: error.message })
    }
    if (task.dataset === triggerTasks.backfill) {
      if (isLast) await notePlanned(session, id, { state: 'failed', error })
      return
    }
    if (task.dataset === triggerTasks.append) return
    const trigger = await triggerById(session, id)
    if (!trigger) return
    const { everyMs } = trigger.definition as SensorDefinition
    const againMs = Math.min(everyMs * 2 ** (trigger.failures + 1), LOOK_AGAIN_MOST_MS)
    await noteLook(session, id, { againMs: Math.max(everyMs, againMs), error })
  })
}
