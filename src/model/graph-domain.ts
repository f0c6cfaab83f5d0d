import type { AnalysisDefinition, Input, Partitioning } from '#model/definition.ts'
import type { Graph, Node } from '#model/graph.ts'
import {
  hasForm,
  isPlain,
  joinKey,
  keyText,
  periodOf,
  shardTexts,
  splitKey,
} from '#model/partition-key-parts.ts'
import { coarsen, WHOLE, type PartitionKey } from '#model/partition-key.ts'
import { sharesKey } from '#model/slices-series.ts'

/**
 * The partitions of an analysis that its inputs call for, one list for each input (ascending or
 * not). An input without the analysis' key calls for each of its periods in every value: of a
 * static key in all that are listed; of a registered one in those that its other inputs hold, from
 * the first period that holds the value on.
 */
export function domainLists(
  graph: Graph,
  definition: AnalysisDefinition,
): (readonly PartitionKey[])[] {
  const cut = definition.partitioning
  if (isPlain(cut)) return definition.inputs.map((input) => periodsFrom(graph, cut, input))
  const alike = definition.inputs.flatMap((input) => likeInput(graph, cut, input) ?? [])
  const others = definition.inputs.filter(
    (input) => !likeInput(graph, cut, input) && callsForSome(cut, input),
  )
  if (others.length === 0) return alike
  const stems = cut.key ? keyedStems(graph, definition) : plainStems(graph, cut, others)
  if (!cut.shards) return [...alike, stems]
  const shards = shardTexts(cut.shards)
  const own = stems.flatMap((stem) => shards.map((shard) => joinKey(stem, '', shard)))
  return [...alike, own]
}

/** Names that the domain can hold: a dataset that was cut otherwise before has others, too. */
export function ofForm(
  partitions: readonly PartitionKey[],
  cut: Partitioning,
): readonly PartitionKey[] {
  return partitions.every((partition) => hasForm(partition, cut))
    ? partitions
    : partitions.filter((partition) => hasForm(partition, cut))
}

/** The input's own list where both are cut alike and read one by one: it is shared as it is. */
function likeInput(
  graph: Graph,
  cut: Partitioning,
  input: Input,
): [readonly PartitionKey[]] | null {
  const upstream = graph.get(input.dataset)
  if (!upstream || !followsPeriods(input) || input.whole) return null
  const theirs = upstream.definition.partitioning
  const sameKey = cut.key?.name === theirs.key?.name && (cut.key?.values ?? null) === null
  const sameShards =
    cut.shards?.count === theirs.shards?.count && cut.shards?.by === theirs.shards?.by
  return cut.grain === theirs.grain && sameKey && sameShards ? [upstream.domain] : null
}

function followsPeriods({ mapping: { kind } }: Input): boolean {
  return kind === 'same' || kind === 'lookback' || kind === 'through'
}

function callsForSome({ grain }: Partitioning, { mapping: { kind } }: Input): boolean {
  return kind !== 'previous' && (kind !== 'all' || grain === 'none')
}

function plainStems(graph: Graph, cut: Partitioning, inputs: readonly Input[]): PartitionKey[] {
  return [...new Set(inputs.flatMap((input) => periodsFrom(graph, cut, input)))]
}

/** Period and key of every partition, without its shard. */
function keyedStems(graph: Graph, definition: AnalysisDefinition): PartitionKey[] {
  const cut = definition.partitioning
  const stems = new Set<PartitionKey>()
  const listed = cut.key?.values?.map(keyText) ?? null
  const isWanted = listed && new Set(listed)
  const first = new Map<string, PartitionKey>()
  for (const input of definition.inputs) {
    const upstream = graph.get(input.dataset)
    if (!upstream || !carriesKey(upstream, cut, input)) continue
    forEachStem(upstream, cut, input, (period, key) => {
      if (isWanted && !isWanted.has(key)) return
      const known = first.get(key)
      if (known === undefined || period < known) first.set(key, period)
      stems.add(joinKey(period, key, ''))
    })
  }
  for (const input of definition.inputs) {
    const upstream = graph.get(input.dataset)
    if (!upstream || carriesKey(upstream, cut, input)) continue
    for (const period of new Set(periodsFrom(graph, cut, input))) {
      for (const key of listed ?? first.keys()) {
        if (listed || period >= (first.get(key) as PartitionKey)) {
          stems.add(joinKey(period, key, ''))
        }
      }
    }
  }
  return [...stems]
}

function carriesKey(upstream: Node, cut: Partitioning, input: Input): boolean {
  return sharesKey(cut, upstream.definition.partitioning, input)
}

/** Calls back for the periods of the analysis that an input with the same key has, with its values. */
function forEachStem(
  upstream: Node,
  cut: Partitioning,
  input: Input,
  visit: (period: PartitionKey, key: string) => void,
): void {
  const { grain } = cut
  const { domain, observations, definition } = upstream
  const theirs = definition.partitioning
  if (!callsForSome(cut, input)) return
  if (input.mapping.kind === 'observed') {
    for (const [index, value] of (observations?.values ?? []).entries()) {
      const partition = observations?.partitions[index] as PartitionKey
      visit(coarsen(value, grain), splitKey(partition, theirs).key)
    }
    return
  }
  for (const partition of domain) {
    const { period, key } = splitKey(partition, theirs)
    visit(coarsen(period, grain), key)
  }
}

/** Periods that an input calls for, with repetitions where it has several partitions of a period. */
function periodsFrom(graph: Graph, { grain }: Partitioning, input: Input): readonly PartitionKey[] {
  const upstream = graph.get(input.dataset)
  // Its own former partition calls for none; a graph of one dataset's inputs ends at those.
  if (!upstream) return []
  const theirs = upstream.definition.partitioning
  switch (input.mapping.kind) {
    case 'same':
    case 'lookback':
    case 'through':
      return isPlain(theirs)
        ? upstream.domain
        : upstream.domain.map((partition) => periodOf(partition, theirs))
    case 'roll-up':
      return upstream.domain.map((partition) => coarsen(periodOf(partition, theirs), grain))
    case 'observed':
      return upstream.observations?.values.map((value) => coarsen(value, grain)) ?? []
    case 'previous':
      return []
    case 'all':
      return grain === 'none' ? [WHOLE] : []
  }
}
