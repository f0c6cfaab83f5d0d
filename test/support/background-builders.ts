import { postTasks, type NewBackgroundTask } from '#catalog/background-post.ts'
import { setCallHandler, setCallbackSecret } from '#catalog/background-handlers.ts'
import type { Catalog } from '#catalog/catalog.ts'
import { lanesOf } from '#catalog/queue.ts'
import { endTasks } from '#catalog/task-ends.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { claimBatch } from './catalog-builders.ts'

/** A task for whoever leases it, unless it says otherwise. */
export function backgroundTask(more: Partial<NewBackgroundTask> = {}): NewBackgroundTask {
  return { name: 'mail', handler: 'pull', payload: '{}', askedBy: 'test', ...more }
}

/** Posts one task and returns its number. */
export async function postTask(
  catalog: Catalog,
  tenant: Tenant,
  more: Partial<NewBackgroundTask> = {},
): Promise<number> {
  const [posted] = await catalog.asTenant(tenant, (session) =>
    postTasks(session, [backgroundTask(more)]),
  )
  return posted?.id as number
}

export function leaseTasks(
  catalog: Catalog,
  tenant: Tenant,
  name = 'mail',
  leaseMs = 60_000,
): Promise<ClaimedTask[]> {
  return claimBatch(catalog, { lanes: lanesOf.pull([name]), tenantId: tenant.id, leaseMs })
}

/** A row in each table of the task service: a called name, a secret, and a task whose end is told. */
export async function buildToldTask(catalog: Catalog, tenant: Tenant): Promise<number> {
  const id = await postTask(catalog, tenant, { callbackUrl: 'https://example.com/hook' })
  const [task] = await leaseTasks(catalog, tenant)
  await catalog.asTenant(tenant, async (session) => {
    const handler = { name: 'called', url: 'https://example.com/', timeoutMs: 1_000 }
    await setCallHandler(session, handler, 'whsec_AA==')
    await setCallbackSecret(session, 'whsec_AA==', 'keep')
    await endTasks(session, '', [{ taskId: id, fence: task?.fence ?? 0, state: 'done' }])
  })
  return id
}
