import { loadInputs, loadState } from '#catalog/state.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition, SourceDefinition } from '#model/definition.ts'
import { evaluate } from '#model/evaluate.ts'
import { buildGraph, type Graph, type Survey, type SurveyedObject } from '#model/graph.ts'
import { isPartitionOf } from '#model/partition-key-parts.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { PlanRequest } from '#model/plan.ts'
import type { VersionInput } from '#model/run.ts'
import { calendarKeys } from '#model/select-calendar.ts'
import { select, sourcesOf } from '#model/select.ts'
import type { Tenant } from '#model/tenant.ts'

type Parts = Pick<FactoryParts, 'catalog' | 'datasets' | 'sources' | 'log'>

/** The tenant's partitions as the catalog knows them at this moment. */
export async function loadGraph(
  parts: Parts,
  tenant: Tenant,
  survey?: Survey,
  asked?: ReadonlyMap<string, readonly PartitionKey[]>,
): Promise<Graph> {
  const names = parts.datasets.map((definition) => definition.name)
  const states = await parts.catalog.asTenant(tenant, (session) => loadState(session, names))
  return buildGraph(
    parts.datasets,
    new Map(states.map((state) => [state.dataset, state])),
    survey,
    asked,
  )
}

/**
 * What one dataset needs to be computed: itself and its inputs, with what is published of them.
 * Far less to load than the whole graph, and the same slices and fingerprints come out of it.
 */
export async function loadInputGraph(
  parts: Parts,
  tenant: Tenant,
  definition: DatasetDefinition,
): Promise<Graph> {
  const needed = new Set([definition.name])
  if (definition.kind === 'analysis') {
    for (const input of definition.inputs) needed.add(input.dataset)
  }
  const datasets = parts.datasets.filter(({ name }) => needed.has(name))
  return loadGraph({ ...parts, datasets }, tenant)
}

/**
 * The graph with the sources looked at, as far as a request reaches: which objects exist, and
 * under which tag. Nothing is fetched.
 */
export async function loadSurveyedGraph(
  parts: Parts,
  tenant: Tenant,
  request: PlanRequest,
): Promise<{ graph: Graph; survey: Survey }> {
  const asked = askedSources(parts.datasets, request)
  const known = await loadGraph(parts, tenant, undefined, asked)
  const survey = new Map<string, ReadonlyMap<PartitionKey, SurveyedObject | null>>()
  const names = request.datasets.length > 0 ? request.datasets : [...known.keys()]
  const rerun = request.mode === 'rerun'
  const sources = new Set(rerun ? [] : names.flatMap((name) => sourcesOf(known, name)))
  // Without partitions the request reaches every one of its sources' partitions.
  const reach =
    rerun || !request.partitions ? null : select(known, evaluate(known, survey), request)
  await Promise.all(
    [...sources].map(async ({ definition, domain }) => {
      if (definition.kind !== 'source') return
      const positions = reach?.get(definition.name)
      const reached = positions
        ? [...positions].map((position) => domain[position] as PartitionKey)
        : reach
          ? []
          : domain
      const calendar = calendarKeys(parts.datasets, definition, request)
      const keys = calendar && [...new Set([...reached, ...calendar])].sort()
      const objects = await look(parts, tenant, definition, request, keys)
      if (objects) survey.set(definition.name, objects)
    }),
  )
  const states = new Map([...known].map(([name, node]) => [name, node.state]))
  return { graph: buildGraph(parts.datasets, states, survey, asked), survey }
}

/** Partitions of sources that the request names itself: they are planned even if nobody knows them. */
function askedSources(
  datasets: readonly DatasetDefinition[],
  request: PlanRequest,
): ReadonlyMap<string, readonly PartitionKey[]> {
  const { partitions } = request
  if (!partitions) return new Map()
  return new Map(
    datasets
      .filter(
        (definition) => definition.kind === 'source' && request.datasets.includes(definition.name),
      )
      .map(({ name, partitioning }) => [
        name,
        partitions.filter((selector) => isPartitionOf(selector, partitioning)),
      ]),
  )
}

async function look(
  parts: Parts,
  tenant: Tenant,
  source: SourceDefinition,
  request: PlanRequest,
  keys: readonly PartitionKey[] | null,
): Promise<ReadonlyMap<PartitionKey, SurveyedObject | null> | null> {
  const named = request.datasets.includes(source.name)
  try {
    const whole = request.partitions === null && !source.reference
    const objects = await parts.sources.survey(tenant, source, whole || !keys ? 'all' : keys)
    if (!objects && named) {
      throw new MillraceError('source-unconfigured', { source: source.name, tenant: tenant.slug })
    }
    return objects
  } catch (error) {
    if (named || source.reference) throw error
    // What is published stays usable while the outside is not reachable.
    parts.log.warn('looking at a source', { source: source.name, tenant: tenant.slug, error })
    return null
  }
}

/** What the current versions of these partitions were computed from, by partition. */
export async function loadRecordedInputs(
  parts: Pick<FactoryParts, 'catalog'>,
  tenant: Tenant,
  versionIds: readonly number[],
): Promise<Map<number, VersionInput[]>> {
  if (versionIds.length === 0) return new Map()
  const inputs = await parts.catalog.asTenant(tenant, (session) => loadInputs(session, versionIds))
  return new Map(versionIds.map((id, index) => [id, inputs[index] ?? []]))
}
