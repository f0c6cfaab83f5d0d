import { postTasks } from '#catalog/background-post.ts'
import { cancelRun } from '#catalog/runs.ts'
import type { TenantSession } from '#catalog/session.ts'
import { cancelTask, endTasks } from '#catalog/task-ends.ts'
import {
  getFiring,
  noteFiring,
  openRunsOf,
  openTasksOf,
  stillBusy,
  type Firing,
} from '#catalog/trigger-firings.ts'
import { lockTrigger, triggerById, type Trigger } from '#catalog/triggers.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { Attempt } from '#factory/attempt.ts'
import { makePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { Plan } from '#model/plan.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { prepareTasks, type Preparation } from '#tasks/prepare-tasks.ts'
import type { TaskRequest } from '#tasks/task-request.ts'
import { fillDueText, fillDueTexts } from '#triggers/due-text.ts'
import { requestOf } from '#triggers/region-request.ts'
import type { ScheduleDefinition } from '#triggers/schedule.ts'

/** What a firing is going to start; prepared before the transaction that starts it. */
type Prepared =
  | { readonly kind: 'run'; readonly planned: Plan }
  | { readonly kind: 'tasks'; readonly tasks: Parameters<typeof postTasks>[1] }

/**
 * Carries out one due time of a schedule: plans, then starts what follows and ends the task in one
 * transaction, so that a worker that dies in between has started nothing.
 */
export async function fireSchedule(
  parts: FactoryParts,
  preparation: Preparation,
  own: Attempt,
  task: ClaimedTask,
): Promise<void> {
  const { tenant } = own
  const [id = '', dueText = ''] = task.partition.split(' ')
  const dueAt = new Date(dueText)
  const trigger = await parts.catalog.asTenant(tenant, (session) => triggerById(session, id))
  const prepared = trigger && (await prepare(parts, preparation, tenant, trigger, dueAt))
  await parts.catalog.asTenant(tenant, async (session) => {
    const locked = await lockTrigger(session, id)
    const firing = locked && (await getFiring(session, id, dueAt))
    if (locked && firing?.state === 'started' && prepared) {
      const isFree = await makeRoom(session, locked, firing)
      if (isFree) await start(parts, session, locked, dueAt, prepared)
    }
    await endTasks(session, '', [{ taskId: task.id, fence: task.fence, state: 'done' }])
  })
}

async function prepare(
  parts: FactoryParts,
  preparation: Preparation,
  tenant: Tenant,
  trigger: Trigger,
  dueAt: Date,
): Promise<Prepared> {
  const { starts, zone } = trigger.definition as ScheduleDefinition
  if (starts.kind === 'run') {
    const { partition } = starts
    const filled = partition === null ? null : fillDueText(partition, dueAt, zone)
    const request = requestOf({ ...starts, partition: filled }, parts.datasets)
    return { kind: 'run', planned: (await makePlan(parts, tenant, request)).planned }
  }
  const requests = starts.tasks.map((request, index): TaskRequest => ({
    ...request,
    payload: fillDueTexts(request.payload, dueAt, zone),
    idempotencyKey: `${trigger.id}/${dueAt.toISOString()}/${index}`,
  }))
  const askedBy = `schedule ${trigger.name}`
  return { kind: 'tasks', tasks: await prepareTasks(preparation, tenant, requests, askedBy) }
}

/** False: a former firing's work goes on, and this one waits for it or is left out. */
async function makeRoom(
  session: TenantSession,
  trigger: Trigger,
  firing: Firing,
): Promise<boolean> {
  const { overlap } = trigger.definition as ScheduleDefinition
  const busy = await stillBusy(session, trigger.id)
  if (busy === null) return true
  // What is made up for would all be left out but one.
  if (overlap === 'queue' || firing.cause === 'caught-up') {
    await noteFiring(session, trigger.id, firing.dueAt, {
      state: 'queued',
      detail: `waits for ${busy}`,
    })
    return false
  }
  if (overlap === 'skip') {
    const detail = `${busy} was still under way`
    await noteFiring(session, trigger.id, firing.dueAt, { state: 'skipped', detail })
    return false
  }
  for (const run of await openRunsOf(session, trigger.id)) await cancelRun(session, run)
  for (const task of await openTasksOf(session, trigger.id)) await cancelTask(session, task)
  return true
}

async function start(
  parts: FactoryParts,
  session: TenantSession,
  trigger: Trigger,
  dueAt: Date,
  prepared: Prepared,
): Promise<void> {
  if (prepared.kind === 'tasks') {
    const posted = await postTasks(session, prepared.tasks)
    const ids = posted.map(({ id }) => id)
    return noteFiring(session, trigger.id, dueAt, { state: 'posted', posted: ids })
  }
  const { planned } = prepared
  if (planned.tasks.length === 0) {
    return noteFiring(session, trigger.id, dueAt, {
      state: 'nothing',
      detail: 'everything is fresh',
    })
  }
  const { id: runId } = await applyPlan(parts, session, planned, {
    cause: 'schedule',
    title: `schedule ${trigger.name}`,
    triggerId: trigger.id,
  })
  await noteFiring(session, trigger.id, dueAt, { state: 'ran', runId })
}
