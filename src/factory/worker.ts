import { endUnsuccessfully, openAttempt, type Attempt } from '#factory/attempt.ts'
import { expandRun } from '#factory/apply-plan.ts'
import { buildBatch } from '#factory/build-batch.ts'
import { convertSource } from '#factory/convert-source.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { partsWithPacks, type TenantPacks } from '#factory/tenant-packs.ts'
import { getRun } from '#catalog/runs.ts'
import { tenantBySlug } from '#catalog/tenants.ts'
import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** Looks at a trigger that is due, with the parts of the code that is current. */
export type TriggerWork = (own: Attempt, task: ClaimedTask) => Promise<void>

export interface WorkerCode {
  /** The parts of the code that the task's run was planned with. Throws `code-unreadable`. */
  partsOf?(tenant: Tenant, task: ClaimedTask): Promise<FactoryParts>
  /** What each tenant sees of it, for what plans on; default: all. */
  readonly packs?: TenantPacks
  readonly trigger?: TriggerWork
}

/** What a slot does with a batch that it has claimed; never throws for a failing task. */
export function createWorker(
  base: FactoryParts,
  { partsOf = async () => base, packs, trigger }: WorkerCode = {},
): (batch: readonly ClaimedTask[], signal: AbortSignal) => Promise<void> {
  return async (batch, signal) => {
    const [first] = batch as readonly [ClaimedTask, ...ClaimedTask[]]
    const tenant = await tenantOf(base, first)
    const own = openAttempt(base, tenant, batch, signal)
    try {
      await perform(own, first)
    } catch (error) {
      own.log('error', toMillraceError(error).message)
      base.log.error('an attempt ended outside of its own error handling', { error })
      await endUnsuccessfully(base, own, batch, error)
    } finally {
      await own.close()
    }
  }

  async function seen(tenant: Tenant, parts: FactoryParts): Promise<FactoryParts> {
    return packs ? partsWithPacks(parts, await packs.of(tenant)) : parts
  }

  async function perform(own: Attempt, task: ClaimedTask): Promise<void> {
    switch (task.kind) {
      case 'expand':
        return expand(await seen(own.tenant, await partsOf(own.tenant, task)), own, task)
      case 'build':
        return build(await partsOf(own.tenant, task), own, task)
      case 'trigger':
        if (trigger) return trigger(own, task)
        break
      case 'background':
      case 'delivery':
    }
    throw new MillraceError('internal', { message: `no part carries out a ${task.kind} task` })
  }
}

/** An object is fetched, read and published for itself; partitions of an analysis as a batch. */
async function build(parts: FactoryParts, own: Attempt, task: ClaimedTask): Promise<void> {
  const definition = definitionOf(parts, task)
  if (definition.kind === 'analysis') return buildBatch(parts, own, definition)
  const [first, ...others] = own.tasks as readonly [ClaimedTask, ...ClaimedTask[]]
  if (others.length === 0) return convertSource(parts, own, definition)
  for (const one of [first, ...others]) {
    const single = openAttempt(parts, own.tenant, [one], own.signal)
    try {
      await convertSource(parts, single, definition)
    } finally {
      await single.close()
    }
  }
}

function definitionOf(parts: FactoryParts, task: ClaimedTask): DatasetDefinition {
  const definition = parts.datasets.find(({ name }) => name === task.dataset)
  if (definition) return definition
  throw new MillraceError('code-moved', { dataset: task.dataset, run: task.runId })
}

async function expand(parts: FactoryParts, own: Attempt, task: ClaimedTask): Promise<void> {
  const run = await parts.catalog.asTenant(own.tenant, (session) => getRun(session, task.runId))
  if (!run) throw new MillraceError('internal', { message: `run ${task.runId} has no row` })
  const added = await expandRun(parts, own.tenant, task, run.plan.request)
  own.log('info', `planned on: ${added} more tasks`)
}

async function tenantOf(parts: FactoryParts, task: ClaimedTask): Promise<Tenant> {
  const tenant = await tenantBySlug(parts.catalog, task.tenantSlug)
  if (!tenant) throw new MillraceError('tenant-unknown', { tenant: task.tenantSlug })
  return tenant
}
