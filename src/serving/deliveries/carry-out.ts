import { getDelivery, type Delivery } from '#catalog/deliveries.ts'
import { markReady, type Artefact } from '#catalog/delivery-tasks.ts'
import { tellEvent } from '#catalog/events.ts'
import type { Lease } from '#catalog/queue.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { countUsage } from '#catalog/usage.ts'
import { endUnsuccessfully, openAttempt, type Attempt } from '#factory/attempt.ts'
import type { Work } from '#factory/dispatcher.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { fileWish } from '#model/delivery.ts'
import type { ClaimedTask } from '#model/run.ts'
import { makeArtefact, progressNoter } from '#serving/deliveries/make-artefact.ts'
import { drawPicture } from '#serving/deliveries/mail-picture.ts'
import { queueMails, readAttachment } from '#serving/deliveries/ready-mails.ts'
import { mayStillHave } from '#serving/deliveries/rights.ts'
import { stagingOf } from '#serving/deliveries/whole-file.ts'
import type { DeliveryWorkParts } from '#serving/deliveries/work-parts.ts'

/**
 * What slots for deliveries do with their tasks: make the file (or find it made), hand it over, and
 * write down in one transaction that it is ready, who is to be told, and the end of the task. An
 * attempt that has lost its lease changes nothing. Each task is a batch of its own.
 */
export function createDeliveryWork(parts: DeliveryWorkParts): Work {
  return async (batch, signal) => {
    for (const task of batch) await carryOut(parts, task, signal)
  }
}

async function carryOut(
  parts: DeliveryWorkParts,
  task: ClaimedTask,
  signal: AbortSignal,
): Promise<void> {
  const { catalog, lake, log } = parts
  const tenant = await tenantBySlug(catalog, task.tenantSlug)
  if (!tenant) throw new MillraceError('tenant-unknown', { tenant: task.tenantSlug })
  const own = openAttempt(parts, tenant, [task], signal)
  try {
    await perform(parts, own, task)
  } catch (error) {
    own.log('error', toMillraceError(error).message)
    await endUnsuccessfully(parts, own, [task], error)
  } finally {
    await lake
      .discardStaging(stagingOf(task.partition, task.fence).name)
      .catch((error: unknown) => log.warn('clearing up after a delivery', { error }))
    await own.close()
  }
}

async function perform(parts: DeliveryWorkParts, own: Attempt, task: ClaimedTask): Promise<void> {
  const { tenant, signal } = own
  const id = task.partition
  const lease = { taskId: task.id, fence: task.fence }
  const delivery = await parts.catalog.asTenant(tenant, (session) => getDelivery(session, id))
  if (!delivery) throw new MillraceError('delivery-unknown', { delivery: id })
  const { askedBy } = delivery
  if (!(await mayStillHave(parts.directory, tenant, delivery))) {
    throw new MillraceError('delivery-right-lost', { delivery: id, caller: askedBy })
  }
  const artefact = await makeArtefact(parts, own, delivery, lease)
  const placed = await handOver(parts, own, { delivery, artefact, lease })
  signal.throwIfAborted()
  await finish(parts, own, { delivery, artefact, lease, placed })
  own.log('info', 'ready')
}

interface Made {
  readonly delivery: Delivery
  readonly artefact: Artefact
  readonly lease: Lease
}

/** Null: it is a file, and stays where it is. */
async function handOver(
  parts: DeliveryWorkParts,
  own: Attempt,
  { delivery, artefact, lease }: Made,
): Promise<Readonly<Record<string, unknown>> | null> {
  const { target: wish } = delivery
  if (wish.kind === fileWish.kind) return null
  const target = parts.deliveries.targets.get(wish.kind)
  if (!target) {
    const known = [...parts.deliveries.targets.keys()]
    throw new MillraceError('delivery-target-unknown', { target: wish.kind, known })
  }
  own.log('info', `handing it over to ${wish.kind}`)
  const note = progressNoter(parts, own, delivery, lease)
  const hold = parts.lake.hold()
  try {
    const { path: _lakePath, ...made } = artefact
    return await target.handOver(
      {
        ...made,
        tenant: own.tenant,
        delivery: delivery.id,
        fence: lease.fence,
        fileName: `${delivery.title}.${delivery.format}`,
        path: await hold.localPath(artefact, own.signal),
        format: delivery.format as 'csv',
        receipt: delivery.receiptId,
        asOf: delivery.asOf,
        commitNumber: delivery.commitNumber,
      },
      wish,
      { signal: own.signal, onProgress: (at) => note({ ...at, step: 'handing-over' }) },
    )
  } finally {
    await hold.release()
  }
}

async function finish(
  parts: DeliveryWorkParts,
  own: Attempt,
  {
    delivery,
    artefact,
    lease,
    placed,
  }: Made & { readonly placed: Readonly<Record<string, unknown>> | null },
): Promise<void> {
  const { tenant, signal } = own
  const attachment = await readAttachment(parts, delivery, artefact, signal)
  const picture = await drawPicture(parts, own, delivery)
  const { rows, sizeBytes, sha256 } = artefact
  await parts.catalog.asTenant(tenant, async (session) => {
    const mails = await queueMails(parts, session, {
      delivery,
      artefact,
      attachment,
      picture,
      placed,
    })
    await markReady(session, delivery.id, { rows, sizeBytes, sha256, placed, mails })
    await countUsage(session, 'export-rows', rows)
    await countUsage(session, 'export-bytes', sizeBytes)
    await tellEvent(session, 'delivery.ready', { delivery: delivery.id })
    await endTasks(session, '', [{ ...lease, state: 'done' }])
  })
}
