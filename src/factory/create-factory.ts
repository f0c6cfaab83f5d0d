import { cancelRun, getRun } from '#catalog/runs.ts'
import { listPartitions } from '#catalog/state.ts'
import { undoRun } from '#catalog/undo.ts'
import { applyPlan } from '#factory/apply-plan.ts'
import type { DatasetStatus, Factory } from '#factory/factory.ts'
import { loadGraph } from '#factory/load-graph.ts'
import { assertDataset, makePlan } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { applyProposed, proposePlan } from '#factory/proposed-plan.ts'
import { viewRun, waitForView } from '#factory/view.ts'
import { causesOf, evaluate, type Evaluation } from '#model/evaluate.ts'
import { nodeOf } from '#model/graph.ts'
import type { Run } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

export function createFactory(parts: FactoryParts, onCancel: () => Promise<void>): Factory {
  return {
    datasets: parts.datasets,

    async plan(tenant, request) {
      return (await makePlan(parts, tenant, request)).planned
    },

    propose: (tenant, request) => proposePlan(parts, tenant, request),

    async start(tenant, request, why) {
      const { planned } = await makePlan(parts, tenant, request)
      if (planned.tasks.length === 0) return { plan: planned, run: null }
      const run = await parts.catalog.asTenant(tenant, (session) =>
        applyPlan(parts, session, planned, why),
      )
      return { plan: planned, run }
    },

    apply: (tenant, token, request, why) => applyProposed(parts, tenant, { token, request, why }),

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
