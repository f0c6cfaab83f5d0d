import { loadAcceptances } from '#catalog/accepted.ts'
import { listPartitions } from '#catalog/state.ts'
import { listTriggers, type Trigger } from '#catalog/triggers.ts'
import type { DatasetStatus } from '#factory/factory.ts'
import { loadGraph } from '#factory/load-graph.ts'
import { assertDataset } from '#factory/make-plan.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { causesOf, evaluate, type Evaluation } from '#model/evaluate.ts'
import { nodeOf } from '#model/graph.ts'
import { runOf } from '#model/run.ts'
import type { Tenant } from '#model/tenant.ts'

/** State of every expected partition of the datasets (all of them when empty). */
export async function readStatus(
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
  const names = chosen.map(({ name }) => name)
  const { rows, acceptances, rules } = await parts.catalog.asTenant(tenant, async (session) => {
    const rows = []
    for (const name of names) rows.push(await listPartitions(session, name))
    const acceptances = await loadAcceptances(session, names)
    return { rows, acceptances, rules: await listTriggers(session, 'freshness') }
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
      accepted: acceptances
        .filter(({ dataset }) => dataset === definition.name)
        .map(({ fromCode, acceptedBy, acceptedAt, why }) => ({
          from: fromCode,
          by: acceptedBy,
          at: acceptedAt.toISOString(),
          why,
          partitions: node.state.codeVersions.filter((code) => code === fromCode).length,
        })),
      freshness: freshnessOf(rules.find(({ name }) => name === definition.name)),
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
          runId: row ? runOf(row.runId) : null,
        }
      }),
    }
  })
}

/** As the scheduler saw it at its last look. */
function freshnessOf(rule: Trigger | undefined): DatasetStatus['freshness'] {
  if (!rule) return null
  const { maxAgeMs } = rule.definition as { readonly maxAgeMs: number }
  const { state = 'kept', breachAt = null } = rule.state as Partial<Record<string, string>>
  return { maxAgeMs, state, breachAt }
}
