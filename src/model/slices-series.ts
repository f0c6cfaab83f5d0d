import { lowerBound } from '#model/dataset-state.ts'
import type { Input, Partitioning } from '#model/definition.ts'
import type { Node } from '#model/graph.ts'
import { isPlain, splitKey } from '#model/partition-key-parts.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/**
 * Dimensions beside time. Where reader and input have one in common, a partition reads (and is read
 * by) those of the same value; the others are read in all values. A *series* are the partitions of a
 * dataset that agree in such dimensions, one after another in time.
 */
export interface Shared {
  readonly key: boolean
  readonly shards: boolean
}

export function sharedBy(reader: Partitioning, theirs: Partitioning, input: Input): Shared {
  return { key: sharesKey(reader, theirs, input), shards: sharesShards(reader, theirs, input) }
}

export function sharesKey(reader: Partitioning, theirs: Partitioning, input: Input): boolean {
  return !input.whole && reader.key !== undefined && reader.key.name === theirs.key?.name
}

export function sharesShards(reader: Partitioning, theirs: Partitioning, input: Input): boolean {
  const [own, other] = [reader.shards, theirs.shards]
  if (input.whole || !own || !other) return false
  return own.count === other.count && own.by === other.by
}

/** Empty: nothing is shared, so that there is one series only. */
export function seriesName(partition: PartitionKey, cut: Partitioning, shared: Shared): string {
  if (isPlain(cut) || !(shared.key || shared.shards)) return ''
  const { key, shard } = splitKey(partition, cut)
  if (!shared.key) return shard
  return shared.shards ? `${key}:${shard}` : key
}

type SeriesByName = ReadonlyMap<string, readonly number[]>

/** Made when first asked for, once for a node. */
const known = new WeakMap<Node, (SeriesByName | undefined)[]>()

/** Ascending positions of the series' partitions. */
function seriesOf(node: Node, shared: Shared, name: string): readonly number[] {
  const which = (shared.key ? 1 : 0) + (shared.shards ? 2 : 0)
  let own = known.get(node)
  if (!own) known.set(node, (own = []))
  return (own[which] ??= gather(node, shared)).get(name) ?? []
}

function gather(node: Node, shared: Shared): SeriesByName {
  const series = new Map<string, number[]>()
  for (const [position, partition] of node.domain.entries()) {
    const name = seriesName(partition, node.definition.partitioning, shared)
    const positions = series.get(name)
    if (positions) positions.push(position)
    else series.set(name, [position])
  }
  return series
}

/** Positions of a series (`name` empty: of all partitions) within a half-open range, ascending. */
export function forEachInSeries(
  node: Node,
  shared: Shared,
  name: string,
  [from, to]: readonly [number, number],
  visit: (position: number) => void,
): void {
  if (name === '') {
    for (let position = from; position < to; position++) visit(position)
    return
  }
  const series = seriesOf(node, shared, name)
  for (let next = firstNotBelow(series, from); next < series.length; next++) {
    const position = series[next] as number
    if (position >= to) return
    visit(position)
  }
}

/** The partition before (-1) or after (1) in the series of those with the same key and shard; or -1. */
export function neighbour(node: Node, position: number, step: -1 | 1): number {
  const cut = node.definition.partitioning
  if (isPlain(cut)) {
    const next = position + step
    return position >= 0 && next < node.domain.length ? next : -1
  }
  const shared = { key: cut.key !== undefined, shards: cut.shards !== undefined }
  const name = seriesName(node.domain[position] ?? '', cut, shared)
  const series = seriesOf(node, shared, name)
  return series[firstNotBelow(series, position) + step] ?? -1
}

/** Positions of the partitions of a period (or a coarser one): half-open. */
export function rangeOfPeriod(node: Node, period: PartitionKey): [number, number] {
  return [lowerBound(node.domain, period), lowerBound(node.domain, `${period}\uffff`)]
}

function firstNotBelow(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
