import { loadAcceptances } from '#catalog/accepted.ts'
import { loadMendNames } from '#catalog/repairs.ts'
import { loadInputs, loadState } from '#catalog/state.ts'
import type { FactoryParts } from '#factory/parts.ts'
import { MillraceError } from '#kernel/errors.ts'
import { acceptedCodes } from '#model/accepted-code.ts'
import { buildGraph } from '#model/build-graph.ts'
import type { DatasetState } from '#model/dataset-state.ts'
import type { DatasetDefinition, SourceDefinition } from '#model/definition.ts'
import { evaluate } from '#model/evaluate.ts'
import { nodeOf, type Graph, type Survey, type SurveyedObject } from '#model/graph.ts'
import { mendsOf } from '#model/mend.ts'
import { isPartitionOf } from '#model/partition-key-parts.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import { placesOf, type PlanPlace } from '#model/plan-places.ts'
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
  const { states, acceptances } = await parts.catalog.asTenant(tenant, async (session) => ({
    states: await loadState(session, names),
    acceptances: await loadAcceptances(session, names),
  }))
  const changes = Map.groupBy(acceptances, ({ dataset }) => dataset)
  const codes = new Map(parts.datasets.map(({ name, codeVersion }) => [name, codeVersion]))
  const known = states.map((state): [string, DatasetState] => {
    const { dataset } = state
    const accepted = acceptedCodes(changes.get(dataset) ?? [], codes.get(dataset) ?? '')
    return [dataset, accepted.length === 0 ? state : { ...state, accepted }]
  })
  return buildGraph(parts.datasets, new Map(known), survey, asked)
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
  const places = placesOf(
    request,
    parts.datasets.map(({ name }) => name),
  )
  const isNamed = namesOf(request)
  const asked = askedSources(
    parts.datasets,
    places.filter(({ dataset }) => isNamed.has(dataset)),
  )
  const known = await loadGraph(parts, tenant, undefined, asked)
  const survey = new Map<string, ReadonlyMap<PartitionKey, SurveyedObject | null>>()
  const looks = request.mode === 'rerun' ? [] : looksOf(known, places, request)
  // A place without partitions reaches every one of its sources' partitions.
  const bounded = looks.some(({ of }) => of.every(({ partitions }) => partitions !== null))
  const reach = bounded ? select(known, evaluate(known, survey), request) : null
  await Promise.all(
    looks.map(async ({ source, of }) => {
      const { domain } = nodeOf(known, source.name)
      const reached = [...(reach?.get(source.name) ?? [])].map(
        (position) => domain[position] as PartitionKey,
      )
      const keys = keysToLookAt(parts.datasets, source, of, reached, domain)
      const objects = await look(parts, tenant, source, isNamed.has(source.name), keys)
      if (objects) survey.set(source.name, objects)
    }),
  )
  const states = new Map([...known].map(([name, node]) => [name, node.state]))
  return { graph: buildGraph(parts.datasets, states, survey, asked), survey }
}

/** Datasets that somebody asked for by name, so that what keeps them from being read is an error. */
function namesOf({ datasets, targets = [] }: PlanRequest): ReadonlySet<string> {
  return new Set([...datasets, ...targets.map(({ dataset }) => dataset)])
}

/** A source that is looked at, and the places of the request that reach it. */
interface Look {
  readonly source: SourceDefinition
  readonly of: PlanPlace[]
}

function looksOf(graph: Graph, places: readonly PlanPlace[], request: PlanRequest): Look[] {
  const looks = new Map<string, Look>()
  for (const place of places) {
    for (const { definition } of sourcesOf(graph, place.dataset)) {
      // Rows are sent to an append source: there is no object to look at.
      if (definition.kind !== 'source' || definition.append) continue
      if (request.upstream === false && definition.name !== place.dataset) continue
      const look = looks.get(definition.name) ?? { source: definition, of: [] }
      looks.set(definition.name, look)
      look.of.push(place)
    }
  }
  return [...looks.values()]
}

/** Null: whatever lies there. */
function keysToLookAt(
  datasets: readonly DatasetDefinition[],
  source: SourceDefinition,
  places: readonly PlanPlace[],
  reached: readonly PartitionKey[],
  domain: readonly PartitionKey[],
): PartitionKey[] | null {
  if (places.some(({ partitions }) => partitions === null)) {
    return source.reference ? [...domain] : null
  }
  const keys = new Set(reached)
  // Datasets of a region share their partitions, and so most of the work.
  for (const [partitions, of] of Map.groupBy(places, (place) => place.partitions)) {
    const named = of.map(({ dataset }) => dataset)
    const request = { datasets: named, partitions, mode: 'run' } as const
    const calendar = calendarKeys(datasets, source, request)
    if (!calendar) return null
    for (const key of calendar) keys.add(key)
  }
  return [...keys].sort()
}

/** Partitions of sources that the request names itself: they are planned even if nobody knows them. */
function askedSources(
  datasets: readonly DatasetDefinition[],
  places: readonly PlanPlace[],
): ReadonlyMap<string, readonly PartitionKey[]> {
  const asked = new Map<string, PartitionKey[]>()
  for (const { dataset, partitions } of places) {
    const definition = datasets.find(({ name }) => name === dataset)
    if (definition?.kind !== 'source' || !partitions) continue
    const { partitioning } = definition
    const named = partitions.filter((selector) => isPartitionOf(selector, partitioning))
    asked.set(dataset, [...(asked.get(dataset) ?? []), ...named])
  }
  return asked
}

async function look(
  parts: Parts,
  tenant: Tenant,
  source: SourceDefinition,
  named: boolean,
  keys: readonly PartitionKey[] | null,
): Promise<ReadonlyMap<PartitionKey, SurveyedObject | null> | null> {
  try {
    const objects = await parts.sources.survey(tenant, source, keys ?? 'all')
    if (!objects && named) {
      throw new MillraceError('source-unconfigured', { source: source.name, tenant: tenant.slug })
    }
    return objects && (await withMends(parts, tenant, source, objects))
  } catch (error) {
    if (named || source.reference) throw error
    // What is published stays usable while the outside is not reachable.
    parts.log.warn('looking at a source', { source: source.name, tenant: tenant.slug, error })
    return null
  }
}

/** With what is to be done with their records: an object that is to be read otherwise counts as changed. */
async function withMends(
  parts: Parts,
  tenant: Tenant,
  source: SourceDefinition,
  objects: ReadonlyMap<PartitionKey, SurveyedObject | null>,
): Promise<ReadonlyMap<PartitionKey, SurveyedObject | null>> {
  const names = await parts.catalog.asTenant(tenant, (session) =>
    loadMendNames(session, source.name),
  )
  if (names.repairs.length === 0 && names.fixes.size === 0) return objects
  const mended = ([key, object]: [PartitionKey, SurveyedObject | null]) =>
    [key, object && { ...object, mends: mendsOf(names, key) }] as const
  return new Map(Array.from(objects, mended))
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
