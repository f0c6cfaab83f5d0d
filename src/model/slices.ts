import type { Input, Partitioning } from '#model/definition.ts'
import { forEachObservation, nodeOf, positionOf, type Graph, type Node } from '#model/graph.ts'
import { joinKey, periodOf, splitKey } from '#model/partition-key-parts.ts'
import { coarsen, shift, WHOLE, type PartitionKey } from '#model/partition-key.ts'
import {
  forEachInSeries,
  neighbour,
  rangeOfPeriod,
  seriesName,
  sharedBy,
  type Shared,
} from '#model/slices-series.ts'

/** One partition of an input that a partition reads, or one observed value of it. */
export interface Part {
  /** Position in the input's domain. */
  readonly position: number
  /** Set for observed inputs: the value whose rows are read. */
  readonly value: PartitionKey | null
  /** Null: nothing is published there. */
  readonly dataVersion: string | null
  /** False: it only tells that the partition was fed once (the value is gone). */
  readonly live: boolean
}

/** Which partitions of `input` the partition `key` of a `reader` reads, in the input's key order. */
export function forEachPart(
  graph: Graph,
  reader: Partitioning,
  input: Input,
  key: PartitionKey,
  visit: (part: Part) => void,
): void {
  const upstream = nodeOf(graph, input.dataset)
  const { observations } = upstream
  forEachPosition(upstream, reader, input, key, (position, index) => {
    if (index < 0 || !observations) return visit(partAt(upstream, position))
    visit({
      position,
      value: observations.values[index] as PartitionKey,
      dataVersion: observations.dataVersions[index] as string,
      live: (observations.rows[index] as number) > 0,
    })
  })
}

/**
 * The same without an object for each: its position in the input's domain and, for observed inputs,
 * the index of the observation (else -1). A partition comes once for each of its observed values.
 */
export function forEachPosition(
  upstream: Node,
  reader: Partitioning,
  input: Input,
  key: PartitionKey,
  visit: (position: number, observation: number) => void,
): void {
  const { kind } = input.mapping
  const theirs = upstream.definition.partitioning
  if (kind === 'previous') {
    const before = neighbour(upstream, positionOf(upstream, key), -1)
    if (before >= 0) visit(before, -1)
    return
  }
  const shared = sharedBy(reader, theirs, input)
  if (kind === 'same' && reader.grain === theirs.grain && hasOnly(theirs, shared)) {
    const position = positionOf(upstream, nameIn(theirs, key, reader, shared))
    if (position >= 0) visit(position, -1)
    return
  }
  const series = seriesName(key, reader, shared)
  const period = periodOf(key, reader)
  if (kind !== 'observed') {
    const range = periodsRead(upstream, input, period)
    return forEachInSeries(upstream, shared, series, range, (position) => visit(position, -1))
  }
  const { observations } = upstream
  if (!observations) return
  forEachObservation(observations, period, (index) => {
    const partition = observations.partitions[index] as PartitionKey
    if (series !== '' && seriesName(partition, theirs, shared) !== series) return
    const position = positionOf(upstream, partition)
    if (position >= 0) visit(position, index)
  })
}

/** True where a partition of the cut is told by its period and the shared dimensions. */
function hasOnly(cut: Partitioning, shared: Shared): boolean {
  return (!cut.key || shared.key) && (!cut.shards || shared.shards)
}

/** The name in `cut` of the partition with the same period and the same shared dimensions. */
function nameIn(
  cut: Partitioning,
  partition: PartitionKey,
  from: Partitioning,
  shared: Shared,
): PartitionKey {
  if (hasOnly(from, shared)) return partition
  const { period, key, shard } = splitKey(partition, from)
  return joinKey(period, cut.key ? key : '', cut.shards ? shard : '')
}

type Range = readonly [number, number]

/** What was found last for an input: neighbours in a domain mostly have the same period. */
const lastRead = new WeakMap<Input, { upstream: Node; period: PartitionKey; range: Range }>()

/** Positions of the periods of an input that a period reads, whatever their keys and shards: half-open. */
function periodsRead(upstream: Node, input: Input, period: PartitionKey): Range {
  const last = lastRead.get(input)
  if (last?.upstream === upstream && last.period === period) return last.range
  const range = findPeriods(upstream, input, period)
  lastRead.set(input, { upstream, period, range })
  return range
}

function findPeriods(upstream: Node, { mapping }: Input, period: PartitionKey): Range {
  const { grain } = upstream.definition.partitioning
  const all = [0, upstream.domain.length] as const
  if (grain === 'none') return all
  switch (mapping.kind) {
    case 'same':
    case 'roll-up':
      return period === WHOLE ? all : rangeOfPeriod(upstream, period)
    case 'lookback': {
      const first = shift(period, grain, -mapping.periods)
      return [rangeOfPeriod(upstream, first)[0], rangeOfPeriod(upstream, period)[1]]
    }
    case 'through':
      return [0, rangeOfPeriod(upstream, period)[1]]
    case 'all':
    case 'previous':
    case 'observed':
      return all
  }
}

function partAt(node: Node, position: number): Part {
  const pointer = node.pointers[position] as number
  const dataVersion = pointer < 0 ? null : (node.state.dataVersions[pointer] ?? null)
  return { position, value: null, dataVersion, live: dataVersion !== null }
}

/** The partitions of `reader` that read the partition at `position` of the input's dataset. */
export function forEachReader(
  reader: Node,
  input: Input,
  upstream: Node,
  position: number,
  visit: (position: number) => void,
): void {
  const key = upstream.domain[position] as PartitionKey
  const { mapping } = input
  if (mapping.kind === 'previous') {
    const next = neighbour(reader, position, 1)
    if (next >= 0) visit(next)
    return
  }
  const theirs = upstream.definition.partitioning
  const own = reader.definition.partitioning
  const shared = sharedBy(own, theirs, input)
  if (mapping.kind === 'same' && own.grain === theirs.grain && hasOnly(own, shared)) {
    const next = positionOf(reader, nameIn(own, key, theirs, shared))
    if (next >= 0) visit(next)
    return
  }
  const series = seriesName(key, theirs, shared)
  const visitRange = (range: Range) => forEachInSeries(reader, shared, series, range, visit)
  if (mapping.kind !== 'observed') {
    return visitRange(periodsReading(reader, input, periodOf(key, theirs)))
  }
  for (const { value } of upstream.observations?.byPartition.get(key) ?? []) {
    visitRange(within(reader, coarsen(value, own.grain)))
  }
}

/** As `lastRead`, for what reads an input. */
const lastReading = new WeakMap<Input, { reader: Node; period: PartitionKey; range: Range }>()

function periodsReading(reader: Node, input: Input, period: PartitionKey): Range {
  const last = lastReading.get(input)
  if (last?.reader === reader && last.period === period) return last.range
  const range = findReading(reader, input, period)
  lastReading.set(input, { reader, period, range })
  return range
}

function findReading(reader: Node, { mapping }: Input, period: PartitionKey): Range {
  const { grain } = reader.definition.partitioning
  const end = reader.domain.length
  if (grain === 'none' || period === WHOLE) return [0, end]
  switch (mapping.kind) {
    case 'same':
    case 'roll-up':
      return within(reader, coarsen(period, grain))
    case 'lookback': {
      const last = shift(period, grain, mapping.periods)
      return [rangeOfPeriod(reader, period)[0], rangeOfPeriod(reader, last)[1]]
    }
    case 'through':
      return [rangeOfPeriod(reader, period)[0], end]
    case 'all':
    case 'previous':
    case 'observed':
      return [0, end]
  }
}

function within(reader: Node, period: PartitionKey): Range {
  return period === WHOLE ? [0, reader.domain.length] : rangeOfPeriod(reader, period)
}
