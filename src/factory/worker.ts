import { endUnsuccessfully, openAttempt, type Attempt } from '#factory/attempt.ts'
import { expandRun } from '#factory/apply-plan.ts'
import { buildBatch } from '#factory/build-batch.ts'
import { convertSource } from '#factory/convert-source.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { getRun } from '#catalog/runs.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** What a slot does with a batch that it has claimed; never throws for a failing task. */
export function createWorker(
  parts: FactoryParts,
): (batch: readonly ClaimedTask[], signal: AbortSignal) => Promise<void> {
  const definitions = new Map(parts.datasets.map((definition) => [definition.name, definition]))

  return async (batch, signal) => {
    const [first] = batch as readonly [ClaimedTask, ...ClaimedTask[]]
    const tenant = await tenantOf(parts, first)
    if (first.kind === 'build' && definitions.get(first.dataset)?.kind === 'source') {
      // Each object is fetched, read and published for itself.
      for (const task of batch) await attempt(tenant, [task], signal)
    } else {
      await attempt(tenant, batch, signal)
    }
  }

  async function attempt(
    tenant: Tenant,
    tasks: readonly ClaimedTask[],
    signal: AbortSignal,
  ): Promise<void> {
    const own = openAttempt(parts, tenant, tasks, signal)
    try {
      await perform(own, tasks[0] as ClaimedTask)
    } catch (error) {
      own.log('error', toMillraceError(error).message)
      parts.log.error('an attempt ended outside of its own error handling', { error })
      await endUnsuccessfully(parts, own, tasks, error)
    } finally {
      await own.close()
    }
  }

  async function perform(own: Attempt, task: ClaimedTask): Promise<void> {
    switch (task.kind) {
      case 'expand':
        return expand(own, task)
      case 'build': {
        const definition = definitions.get(task.dataset)
        if (!definition) {
          throw new MillraceError('code-moved', { dataset: task.dataset, run: task.runId })
        }
        return definition.kind === 'source'
          ? convertSource(parts, own, definition)
          : buildBatch(parts, own, definition)
      }
      case 'background':
      case 'trigger':
        throw new MillraceError('internal', { message: `no part carries out a ${task.kind} task` })
    }
  }

  async function expand(own: Attempt, task: ClaimedTask): Promise<void> {
    const run = await parts.catalog.asTenant(own.tenant, (session) => getRun(session, task.runId))
    if (!run) throw new MillraceError('internal', { message: `run ${task.runId} has no row` })
    const added = await expandRun(parts, own.tenant, task, run.plan.request)
    own.log('info', `planned on: ${added} more tasks`)
  }
}

async function tenantOf(parts: FactoryParts, task: ClaimedTask): Promise<Tenant> {
  const tenant = await tenantBySlug(parts.catalog, task.tenantSlug)
  if (!tenant) throw new MillraceError('tenant-unknown', { tenant: task.tenantSlug })
  return tenant
}
