import { loadCosts } from '#catalog/attempts.ts'
import { lastCommit } from '#catalog/plans.ts'
import { loadRecordedInputs, loadSurveyedGraph } from '#factory/load-graph.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import { changedInputs } from '#model/explain.ts'
import { nodeOf, positionOf, type Graph } from '#model/graph.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { basisOf, type PlanBasis } from '#model/plan-basis.ts'
import type { Plan, PlannedTask, PlanRequest } from '#model/plan.ts'
import { plan } from '#model/planner.ts'
import { positionsSelected } from '#model/select.ts'
import type { Tenant } from '#model/tenant.ts'

/** Stale partitions whose changed inputs are looked up and named; more than anybody reads. */
const EXPLAINED_AT_MOST = 2_000

export interface MadePlan {
  readonly planned: Plan
  readonly graph: Graph
  readonly basis: PlanBasis
}

/** What would run, and the world that it was planned in. Explained: every cause names its inputs. */
export async function makePlan(
  parts: FactoryParts,
  tenant: Tenant,
  request: PlanRequest,
): Promise<MadePlan> {
  for (const dataset of request.datasets) assertDataset(parts, dataset)
  for (const { dataset } of request.targets ?? []) assertDataset(parts, dataset)
  // Before what is published is read: what comes between counts as moved.
  const commitNumber = await parts.catalog.asTenant(tenant, lastCommit)
  const { graph, survey } = await loadSurveyedGraph(parts, tenant, request)
  if (request.mode === 'rerun') assertPartitions(graph, request)
  const names = parts.datasets.map(({ name }) => name)
  const costs = await parts.catalog.asTenant(tenant, (session) => loadCosts(session, names))
  const byDataset = new Map(costs.map((cost) => [cost.dataset, cost]))
  const planned = plan(graph, survey, request, 'first', byDataset)
  const basis = basisOf(graph, survey, planned, commitNumber)
  return { planned: await explain(parts, tenant, graph, planned), graph, basis }
}

export function assertDataset(parts: FactoryParts, dataset: string): void {
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
  for (const { dataset, partitions } of request.targets ?? []) {
    const partition = partitions.find((key) => positionOf(nodeOf(graph, dataset), key) < 0)
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
