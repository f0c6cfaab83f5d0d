import type { Catalog } from '#catalog/catalog.ts'
import { lanesOf } from '#catalog/queue.ts'
import { endTasks, retryTasks } from '#catalog/task-ends.ts'
import { createActiveWorkBoard } from '#factory/active-work.ts'
import { startDispatcher } from '#factory/dispatcher.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { createWorker } from '#factory/worker.ts'
import { MillraceError, toErrorData } from '#kernel/errors.ts'
import { createIds } from '#kernel/ids.ts'
import { silentLogger } from '#kernel/logger.ts'
import type { ClaimedTask } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'
import { engineOf, lakeOf, sourcesOf } from './outside.ts'
import { plant } from './planted.ts'
import type { Actor } from './schedule.ts'
import type { Surroundings } from './surroundings.ts'
import { definitions } from './world.ts'

/** One process of Millrace: an actor, its way to the catalog, and whom it tells of ready tasks. */
export interface Process {
  readonly actor: Actor
  readonly parts: FactoryParts
  readonly listeners: ReadonlySet<() => void>
}

export function openProcess(name: string, mortal: boolean, around: Surroundings): Process {
  const { store, schedule, random } = around
  const actor: Actor = { name, mortal, dead: false, frozenUntilMs: 0 }
  const listeners = new Set<() => void>()
  const clock = schedule.clockOf(actor)
  const own: Catalog = {
    ...store.catalog,
    asTenant: (tenant, work) => store.as(actor, () => store.catalog.asTenant(tenant, work)),
    asSystem: (work) => store.as(actor, () => store.catalog.asSystem(work)),
    onReady(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const catalog = plant(around.planted, own)
  const parts: FactoryParts = {
    catalog,
    lake: lakeOf(actor, around),
    engine: engineOf(actor, around),
    sources: sourcesOf(actor, around),
    datasets: definitions,
    codeHash: null,
    board: createActiveWorkBoard(),
    limits: {
      slots: 2,
      buildMemoryBytes: 1,
      convertMemoryBytes: 1,
      convertThreads: 1,
      deadlineMs: 60_000,
    },
    clock,
    random,
    ids: createIds(clock, random),
    log: silentLogger,
  }
  return { actor, parts, listeners }
}

/** A worker: the dispatcher and the factory as they are, background tasks that sleep. */
export function startWorker(name: string, around: Surroundings): Process {
  const process = openProcess(name, true, around)
  const { actor, parts } = process
  const build = createWorker(parts)
  startDispatcher(
    parts.catalog,
    { worker: name, slots: 2, leaseMs: around.leaseMs, lanes: lanesOf.slot, tags: [] },
    (batch, signal) =>
      batch[0]?.kind === 'background'
        ? performTasks(actor, parts, around, batch, signal)
        : build(batch, signal),
    { clock: parts.clock, log: silentLogger },
  )
  return process
}

/** Each is a moment of sleep; ends and failures are fenced by the catalog. */
async function performTasks(
  actor: Actor,
  { catalog }: FactoryParts,
  { schedule, faults, random, tenants, leaseMs, die }: Surroundings,
  batch: readonly ClaimedTask[],
  signal: AbortSignal,
): Promise<void> {
  const tenant = tenants.find(({ id }) => id === batch[0]?.tenantId) as Tenant
  for (const { id: taskId, fence } of batch) {
    const fault = faults.at(actor, 'perform')
    const ms = fault === 'late' ? leaseMs * 1.5 : random.next() * 200
    try {
      await schedule.wait(actor, `performs ${taskId}`, schedule.nowMs() + ms, signal)
    } catch {
      return
    }
    if (fault === 'die-after') return die(actor)
    if (fault === 'stall') actor.frozenUntilMs = schedule.nowMs() + leaseMs * (1.1 + random.next())
    const fails = faults.at(actor, 'outcome', 'task') !== null
    const error = toErrorData(
      new MillraceError('catalog-unreachable', { place: 'simulated', message: 'it fails' }),
    )
    await catalog.asTenant(tenant, async (session) => {
      if (fails) {
        await retryTasks(session, '', [{ taskId, fence, error, delayMs: 500, alone: true }])
      } else await endTasks(session, '', [{ taskId, fence, state: 'done' }])
    })
  }
}
