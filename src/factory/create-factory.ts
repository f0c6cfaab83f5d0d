import { loadCosts } from '#catalog/attempts.ts'
import { cancelRun, getRun } from '#catalog/runs.ts'
import { listPartitions } from '#catalog/state.ts'
import { undoRun } from '#catalog/undo.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { DatasetStatus, Factory } from '#factory/factory.ts'
import { loadGraph, loadRecordedInputs, loadSurveyedGraph } from '#factory/load-graph.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { viewRun, waitForView } from '#factory/view.ts'
import { MillraceError } from '#kernel/errors.ts'
import { causesOf, evaluate, type Evaluation } from '#model/evaluate.ts'
import { changedInputs } from '#model/explain.ts'
import { nodeOf, positionOf, type Graph } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { Plan, PlannedTask, PlanRequest } from '#model/plan.ts'
import { plan } from '#model/planner.ts'
import { positionsSelected } from '#model/select.ts'
import type { Run } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** Stale partitions whose changed inputs are looked up and named; more than anybody reads. */
const EXPLAINED_AT_MOST = 2_000

export function createFactory(parts: FactoryParts, onCancel: () => Promise<void>): Factory {
  return {
    datasets: parts.datasets,

    async plan(tenant, request) {
      return (await makePlan(parts, tenant, request)).planned
    },

    async start(tenant, request, why) {
      const { planned } = await makePlan(parts, tenant, request)
      if (planned.tasks.length === 0) return { plan: planned, run: null }
      return { plan: planned, run: await applyPlan(parts, tenant, planned, why) }
    },

    view: (tenant, runId, wait) =>
      wait ? waitForView(parts, tenant, runId, wait) : viewRun(parts, tenant, runId),

    async cancel(tenant, runId) {
      const run = await parts.catalog.asTenant(tenant, (session) => cancelRun(session, runId))
      await onCancel()
      return run
    },

    undo: (tenant, runId) =>
      parts.catalog.asTenant(tenant, async (session) => {
        const undone = await undoRun(session, runId)
        return { run: (await getRun(session, runId)) as Run, ...undone }
      }),

    status: (tenant, datasets) => readStatus(parts, tenant, datasets),
  }
}

async function makePlan(
  parts: FactoryParts,
  tenant: Tenant,
  request: PlanRequest,
): Promise<{ planned: Plan; graph: Graph }> {
  for (const dataset of request.datasets) assertDataset(parts, dataset)
  const { graph, survey } = await loadSurveyedGraph(parts, tenant, request)
  if (request.mode === 'rerun') assertPartitions(graph, request)
  const names = parts.datasets.map(({ name }) => name)
  const costs = await parts.catalog.asTenant(tenant, (session) => loadCosts(session, names))
  const byDataset = new Map(costs.map((cost) => [cost.dataset, cost]))
  const planned = plan(graph, survey, request, 'first', byDataset)
  return { planned: await explain(parts, tenant, graph, planned), graph }
}

function assertDataset(parts: FactoryParts, dataset: string): void {
  if (parts.datasets.some(({ name }) => name === dataset)) return
  const known = parts.datasets.map(({ name }) => name)
  throw new MillraceError('dataset-unknown', { dataset, known })
}

/** `rerun` names what it wants; a name that nothing answers to is a mistake, not an empty plan. */
function assertPartitions(graph: Graph, request: PlanRequest): void {
  for (const dataset of request.datasets) {
    const node = nodeOf(graph, dataset)
    const partition = request.partitions?.find(
      (selector) => positionsSelected(node, [selector]).length === 0,
    )
    if (partition !== undefined)
      throw new MillraceError('partition-unknown', { dataset, partition })
  }
}

/** Says which inputs changed where the plan only knows that they did. */
async function explain(
  parts: FactoryParts,
  tenant: Tenant,
  graph: Graph,
  planned: Plan,
): Promise<Plan> {
  const unexplained = planned.tasks
    .filter((task) => task.causes.some(({ kind }) => kind === 'input'))
    .slice(0, EXPLAINED_AT_MOST)
  const versions = new Map(
    unexplained.map((task) => [task.index, versionOf(graph, task.dataset, task.partition)]),
  )
  const ids = [...versions.values()].filter((id) => id !== null)
  const recorded = await loadRecordedInputs(parts, tenant, ids)
  const explained = planned.tasks.map((task): PlannedTask => {
    const { definition } = versions.has(task.index) ? nodeOf(graph, task.dataset) : {}
    const inputs = recorded.get(versions.get(task.index) ?? -1)
    if (definition?.kind !== 'analysis' || !inputs) return task
    const causes = changedInputs(graph, definition, task.partition, inputs)
    if (causes.length === 0) return task
    return { ...task, causes: [...task.causes.filter(({ kind }) => kind !== 'input'), ...causes] }
  })
  return { ...planned, tasks: explained }
}

function versionOf(graph: Graph, dataset: string, partition: PartitionKey): number | null {
  const node = nodeOf(graph, dataset)
  const position = positionOf(node, partition)
  const pointer = position < 0 ? -1 : (node.pointers[position] as number)
  return pointer < 0 ? null : (node.state.versionIds[pointer] ?? null)
}

async function readStatus(
  parts: FactoryParts,
  tenant: Tenant,
  datasets: readonly string[],
): Promise<DatasetStatus[]> {
  for (const dataset of datasets) assertDataset(parts, dataset)
  const graph = await loadGraph(parts, tenant)
  const evaluations = evaluate(graph, new Map())
  const chosen = parts.datasets.filter(
    ({ name }) => datasets.length === 0 || datasets.includes(name),
  )
  const rows = await parts.catalog.asTenant(tenant, async (session) => {
    const all = []
    for (const { name } of chosen) all.push(await listPartitions(session, name))
    return all
  })
  return chosen.map((definition, index) => {
    const node = nodeOf(graph, definition.name)
    const evaluation = evaluations.get(definition.name) as Evaluation
    const published = new Map(rows[index]?.map((row) => [row.partition, row]))
    return {
      dataset: definition.name,
      kind: definition.kind,
      description: definition.description,
      grain: definition.partitioning.grain,
      partitions: node.domain.map((partition, position) => {
        const row = published.get(partition)
        return {
          partition,
          state: evaluation.states[position] ?? 'missing',
          causes:
            evaluation.states[position] === 'fresh'
              ? []
              : causesOf(node, position, evaluation).map(({ text }) => text),
          rows: row?.rows ?? null,
          publishedAt: row?.publishedAt.toISOString() ?? null,
          runId: row?.runId ?? null,
        }
      }),
    }
  })
}
