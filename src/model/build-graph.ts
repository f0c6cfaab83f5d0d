import { emptyState, type DatasetState } from '#model/dataset-state.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { domainLists, ofForm } from '#model/graph-domain.ts'
import type { Graph, Node, Observations, Survey } from '#model/graph.ts'
import { WHOLE, type PartitionKey } from '#model/partition-key.ts'

/**
 * Lays the partitions of all datasets out. `asked` adds source partitions that nobody has seen yet,
 * because someone names them.
 */
export function buildGraph(
  definitions: readonly DatasetDefinition[],
  states: ReadonlyMap<string, DatasetState>,
  survey: Survey = new Map(),
  asked: ReadonlyMap<string, readonly PartitionKey[]> = new Map(),
): Graph {
  const graph = new Map<string, Node>()
  const shared = new Map<readonly PartitionKey[], ReadonlyMap<PartitionKey, number>>()
  for (const definition of definitions) {
    const state = states.get(definition.name) ?? emptyState(definition.name)
    // The inputs' own lists come first: where nothing is added, they are shared as they are.
    const domain = sortedUnion([
      ...(definition.kind === 'source'
        ? [sourceKeys(definition.name, definition.reference, survey)]
        : domainLists(graph, definition)),
      ofForm(state.keys, definition.partitioning),
      asked.get(definition.name) ?? [],
    ])
    const positions = shared.get(domain) ?? new Map(domain.map((key, position) => [key, position]))
    shared.set(domain, positions)
    graph.set(definition.name, {
      definition,
      state,
      domain,
      positions,
      pointers: align(positions, state.keys),
      observations:
        definition.kind === 'source' && definition.observes ? observationsOf(state) : null,
    })
  }
  return graph
}

function sourceKeys(dataset: string, reference: boolean, survey: Survey): PartitionKey[] {
  if (reference) return [WHOLE]
  const seen = survey.get(dataset) ?? []
  return [...seen].filter(([, object]) => object !== null).map(([key]) => key)
}

function observationsOf(state: DatasetState): Observations {
  const flat = state.observed
    .flatMap(({ partition, values }) => values.map((value) => ({ partition, ...value })))
    .toSorted((a, b) =>
      a.value < b.value ? -1 : a.value > b.value ? 1 : a.partition < b.partition ? -1 : 1,
    )
  return {
    values: flat.map((entry) => entry.value),
    partitions: flat.map((entry) => entry.partition),
    dataVersions: flat.map((entry) => entry.dataVersion),
    rows: flat.map((entry) => entry.rows),
    byPartition: new Map(state.observed.map((entry) => [entry.partition, entry.values])),
  }
}

function sortedUnion(lists: readonly (readonly PartitionKey[])[]): readonly PartitionKey[] {
  return lists.map(ascending).reduce(union, [])
}

/** In code-unit order, each key once; the list itself where it is so already. */
function ascending(keys: readonly PartitionKey[]): readonly PartitionKey[] {
  for (let index = 1; index < keys.length; index++) {
    if ((keys[index - 1] as string) >= (keys[index] as string)) return [...new Set(keys)].sort()
  }
  return keys
}

/** Of two ascending lists; `a` itself where `b` adds nothing. */
function union(a: readonly PartitionKey[], b: readonly PartitionKey[]): readonly PartitionKey[] {
  if (a.length === 0) return b
  const merged: PartitionKey[] = []
  let next = 0
  for (const key of b) {
    while (next < a.length && (a[next] as string) < key) merged.push(a[next++] as string)
    if (a[next] === key) merged.push(a[next++] as string)
    else merged.push(key)
  }
  while (next < a.length) merged.push(a[next++] as string)
  return merged.length === a.length ? a : merged
}

function align(
  positions: ReadonlyMap<PartitionKey, number>,
  keys: readonly PartitionKey[],
): Int32Array {
  const pointers = new Int32Array(positions.size).fill(-1)
  for (const [index, key] of keys.entries()) {
    const position = positions.get(key)
    if (position !== undefined) pointers[position] = index
  }
  return pointers
}
