import { addTasks, createRun, type NewTask } from '#catalog/enqueue.ts'
import { listTasks } from '#catalog/tasks.ts'
import { endTasks } from '#catalog/task-ends.ts'
import { loadGraph } from '#factory/load-graph.ts'
import type { FactoryParts } from '#factory/parts.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { Plan, PlannedTask, PlanRequest } from '#model/plan.ts'
import { plan } from '#model/planner.ts'
import type { ClaimedTask, Run } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** Puts a plan's tasks into the queue as a run; deferred ones wait for the plan's `expand`. */
export async function applyPlan(
  parts: Pick<FactoryParts, 'catalog' | 'datasets' | 'ids'>,
  tenant: Tenant,
  planned: Plan,
  why: { readonly cause: string; readonly title: string },
): Promise<Run> {
  const id = parts.ids.next('run')
  const tasks = toNewTasks(parts.datasets, planned.tasks, () => null)
  return parts.catalog.asTenant(tenant, async (session) => {
    const { run } = await createRun(session, { id, ...why, plan: planned.summary }, tasks)
    return run
  })
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
      (own) => existing.get(`${own.dataset} ${own.partition}`) ?? null,
    )
    await addTasks(session, task.runId, added)
    await endTasks(session, task.runId, [{ taskId: task.id, fence: task.fence, state: 'done' }])
    return added.length
  })
}

function toNewTasks(
  datasets: readonly DatasetDefinition[],
  tasks: readonly PlannedTask[],
  existingOf: (task: PlannedTask) => { id: number } | null,
): NewTask[] {
  // An object is fetched, read and published for itself, so that all slots share a range of months.
  const alone = new Set(datasets.filter(({ kind }) => kind === 'source').map(({ name }) => name))
  const positions = new Map<number, number>()
  const added: NewTask[] = []
  for (const task of tasks) {
    if (task.deferred || existingOf(task)) continue
    positions.set(task.index, added.length)
    const inQueue = task.after.flatMap((index) => positions.get(index) ?? [])
    const afterTasks = task.after.flatMap((index) => {
      const upstream = tasks[index]
      const existing = upstream && existingOf(upstream)
      return existing ? [existing.id] : []
    })
    added.push({
      kind: task.kind,
      dataset: task.dataset,
      partition: task.partition,
      conditional: task.certainty === 'conditional',
      forced: task.forced,
      batchMax: alone.has(task.dataset) ? 1 : undefined,
      reason: task.causes.map((cause) => cause.text).join('; '),
      ...(task.kind === 'expand'
        ? { after: [], afterEnd: inQueue }
        : { after: inQueue, afterTasks }),
    })
  }
  return added
}
