import { emptyState, rangeInside, type DatasetState } from '#model/dataset-state.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { domainLists, ofForm } from '#model/graph-domain.ts'
import type { ObservedValue } from '#model/outcome.ts'
import { WHOLE, type PartitionKey } from '#model/partition-key.ts'

/** A source's object as its system described it a moment ago. */
export interface SurveyedObject {
  readonly location: string
  readonly etag: string
  readonly sizeBytes: number
  /** What is to be done with its records while they are read (`mendsOf`); absent: nothing. */
  readonly mends?: string | null
}

/** Objects that were looked at, by source and partition; null: looked for and not there. */
export type Survey = ReadonlyMap<string, ReadonlyMap<PartitionKey, SurveyedObject | null>>

/** One dataset with everything that planning asks of it. */
export interface Node {
  readonly definition: DatasetDefinition
  readonly state: DatasetState
  /** Every partition that exists or could be computed from what exists, sorted. */
  readonly domain: readonly PartitionKey[]
  readonly positions: ReadonlyMap<PartitionKey, number>
  /** For each position of the domain the position in `state`, or -1. */
  readonly pointers: Int32Array
  /** Of an observing source: (value, partition, data version) sorted by value, then partition. */
  readonly observations: Observations | null
}

export interface Observations {
  readonly values: readonly PartitionKey[]
  readonly partitions: readonly PartitionKey[]
  readonly dataVersions: readonly string[]
  /** 0: the value was held once and is gone; it still reaches what once read it. */
  readonly rows: readonly number[]
  /** The values of each partition, gone ones too. */
  readonly byPartition: ReadonlyMap<PartitionKey, readonly ObservedValue[]>
}

/** Datasets by name, inputs before what reads them. */
export type Graph = ReadonlyMap<string, Node>

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

export function nodeOf(graph: Graph, dataset: string): Node {
  const node = graph.get(dataset)
  if (!node) throw new Error(`the graph has no dataset ${dataset}`)
  return node
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

/** Calls back for every observation inside a period: its position in `observations`. */
export function forEachObservation(
  observations: Observations,
  period: PartitionKey,
  visit: (position: number) => void,
): void {
  const [from, to] =
    period === WHOLE ? [0, observations.values.length] : rangeInside(observations.values, period)
  for (let position = from; position < to; position++) visit(position)
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

/** Position of a key in a node's domain, or -1. */
export function positionOf(node: Node, key: PartitionKey): number {
  return node.positions.get(key) ?? -1
}
