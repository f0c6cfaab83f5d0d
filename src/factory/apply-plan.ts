import { addTasks, createRun, type NewTask } from '#catalog/enqueue.ts'
import type { TenantSession } from '#catalog/session.ts'
import { listTasks } from '#catalog/tasks.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { assertRoom, countUsage, spendQuota } from '#catalog/usage.ts'
import { loadGraph } from '#factory/load-graph.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { Plan, PlannedTask, PlanRequest } from '#model/plan.ts'
import { plan } from '#model/planner.ts'
import { periodOf } from '#model/partition-key-parts.ts'
import type { ClaimedTask, Run, TaskClass } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** Why a run is started, and what it belongs to. */
export interface RunOrigin {
  /** `manual`, `demo`, `schedule`, `sensor`, `backfill`. */
  readonly cause: string
  readonly title: string
  readonly class?: TaskClass | undefined
  readonly backfillId?: string | undefined
  readonly triggerId?: string | undefined
}

/**
 * Puts a plan's tasks into the queue as a run; deferred ones wait for the plan's `expand`. Throws
 * `quota-exceeded` when the tenant has no room for a byte more, or has had its runs of the day.
 */
export async function applyPlan(
  parts: Pick<FactoryParts, 'datasets' | 'codeHash' | 'ids'>,
  session: TenantSession,
  planned: Plan,
  origin: RunOrigin,
): Promise<Run> {
  const { tasks, summary } = planned
  const run = {
    id: parts.ids.next('run'),
    ...origin,
    plan: summary,
    codeHash: parts.codeHash ?? undefined,
  }
  const added = toNewTasks(parts.datasets, tasks, summary.request, () => null)
  await assertRoom(session, 1)
  await spendQuota(session, 'runs')
  await countUsage(session, 'tasks', added.length)
  return (await createRun(session, run, added)).run
}

/**
 * The `expand` task of a run: the sources have been read, so the same request is planned again and
 * what it finds joins the run. Tasks of the first wave that have not ended are waited for, not
 * planned twice.
 */
export async function expandRun(
  parts: FactoryParts,
  tenant: Tenant,
  task: ClaimedTask,
  request: PlanRequest,
): Promise<number> {
  const graph = await loadGraph(parts, tenant)
  const { tasks } = plan(graph, new Map(), request, 'expand')
  return parts.catalog.asTenant(tenant, async (session) => {
    const existing = new Map<string, { id: number }>()
    for (const { id, dataset, partition } of await listTasks(session, {
      runId: task.runId,
      limit: Number.MAX_SAFE_INTEGER,
    })) {
      existing.set(`${dataset} ${partition}`, { id })
    }
    const added = toNewTasks(
      parts.datasets,
      tasks,
      request,
      (own) => existing.get(`${own.dataset} ${own.partition}`) ?? null,
    )
    await addTasks(session, task.runId, added)
    await endTasks(session, task.runId, [{ taskId: task.id, fence: task.fence, state: 'done' }])
    return added.length
  })
}

/** Slots that the few shards of a large period are to be shared by. */
const SLOTS_SHARED = 16
const BATCH_MOST = 256

/**
 * Tasks in one batch at most, for datasets that want fewer than others. An object is fetched, read
 * and published for itself, so that all slots share a range of months. Shards are there to be
 * computed at the same time: a batch takes no more than its share of those that are planned.
 */
function batchSizes(
  datasets: readonly DatasetDefinition[],
  tasks: readonly PlannedTask[],
): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>()
  for (const { name, kind, partitioning } of datasets) {
    if (kind === 'source') sizes.set(name, 1)
    if (!partitioning.shards) continue
    const count = tasks.filter(({ dataset }) => dataset === name).length
    sizes.set(name, Math.min(BATCH_MOST, Math.max(1, Math.ceil(count / SLOTS_SHARED))))
  }
  return sizes
}

function toNewTasks(
  datasets: readonly DatasetDefinition[],
  tasks: readonly PlannedTask[],
  request: PlanRequest,
  existingOf: (task: PlannedTask) => { id: number } | null,
): NewTask[] {
  const wanted = tasks.filter((task) => !task.deferred && !existingOf(task))
  const batchMax = batchSizes(datasets, wanted)
  const ordered = request.order === 'newest' ? newestFirst(datasets, wanted) : wanted
  const positions = new Map(ordered.map((task, position) => [task.index, position]))
  return ordered.map((task): NewTask => {
    const inQueue = task.after.flatMap((index) => positions.get(index) ?? [])
    const afterTasks = task.after.flatMap((index) => {
      const upstream = tasks[index]
      const existing = upstream && existingOf(upstream)
      return existing ? [existing.id] : []
    })
    return {
      kind: task.kind,
      dataset: task.dataset,
      partition: task.partition,
      conditional: task.certainty === 'conditional',
      forced: task.forced,
      batchMax: batchMax.get(task.dataset),
      reason: task.causes.map((cause) => cause.text).join('; '),
      ...(task.kind === 'expand'
        ? { after: [], afterEnd: inQueue }
        : { after: inQueue, afterTasks }),
    }
  })
}

/**
 * The newest period first, and all of its datasets before an older one's: tasks are claimed in the
 * order of their ids, so it is finished first. What has no period comes last.
 */
function newestFirst(
  datasets: readonly DatasetDefinition[],
  tasks: readonly PlannedTask[],
): PlannedTask[] {
  const cuts = new Map(datasets.map(({ name, partitioning }) => [name, partitioning]))
  const period = (task: PlannedTask) => {
    const cut = cuts.get(task.dataset)
    return !cut || cut.grain === 'none' ? '' : periodOf(task.partition, cut)
  }
  // A month that is told apart from its days only by its length ends where they end.
  const end = new Map(tasks.map((task) => [task.index, `${period(task)}~`]))
  return tasks.toSorted((a, b) => {
    const [first, second] = [end.get(a.index) ?? '', end.get(b.index) ?? '']
    if (first === '~' || second === '~') return Number(first === '~') - Number(second === '~')
    return first < second ? 1 : first > second ? -1 : a.index - b.index
  })
}
