import { lowerBound, rangeInside } from '#model/dataset-state.ts'
import type { Input } from '#model/definition.ts'
import { forEachObservation, nodeOf, positionOf, type Graph, type Node } from '#model/graph.ts'
import { coarsen, shift, WHOLE, type PartitionKey } from '#model/partition-key.ts'

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

/** Which partitions of `input` the partition `key` reads, in the input's key order. */
export function forEachPart(
  graph: Graph,
  input: Input,
  key: PartitionKey,
  visit: (part: Part) => void,
): void {
  const upstream = nodeOf(graph, input.dataset)
  const { observations } = upstream
  forEachPosition(upstream, input, key, (position, index) => {
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
  input: Input,
  key: PartitionKey,
  visit: (position: number, observation: number) => void,
): void {
  const at = (position: number) => {
    if (position >= 0) visit(position, -1)
  }
  const mapping = input.mapping
  switch (mapping.kind) {
    case 'same':
      return at(positionOf(upstream, key))
    case 'previous':
      return at(positionOf(upstream, key) - 1)
    case 'roll-up': {
      const [from, to] =
        key === WHOLE ? [0, upstream.domain.length] : rangeInside(upstream.domain, key)
      for (let position = from; position < to; position++) at(position)
      return
    }
    case 'lookback': {
      const first = shift(key, upstream.definition.partitioning.grain, -mapping.periods)
      const end = rangeInside(upstream.domain, key)[1]
      for (let position = lowerBound(upstream.domain, first); position < end; position++)
        at(position)
      return
    }
    case 'through': {
      const end = rangeInside(upstream.domain, key)[1]
      for (let position = 0; position < end; position++) at(position)
      return
    }
    case 'all':
      for (let position = 0; position < upstream.domain.length; position++) at(position)
      return
    case 'observed': {
      const observations = upstream.observations
      if (!observations) return
      forEachObservation(observations, key, (index) => {
        visit(positionOf(upstream, observations.partitions[index] as PartitionKey), index)
      })
    }
  }
}

function partAt(node: Node, position: number): Part {
  const pointer = node.pointers[position] as number
  const dataVersion = pointer < 0 ? null : (node.state.dataVersions[pointer] ?? null)
  return { position, value: null, dataVersion, live: dataVersion !== null }
}

/** The partitions of `definition` that read the partition at `position` of the input's dataset. */
export function forEachReader(
  reader: Node,
  input: Input,
  upstream: Node,
  position: number,
  visit: (position: number) => void,
): void {
  const key = upstream.domain[position] as PartitionKey
  const mapping = input.mapping
  switch (mapping.kind) {
    case 'same':
      return visitKey(reader, key, visit)
    case 'previous':
      if (position + 1 < reader.domain.length) visit(position + 1)
      return
    case 'roll-up':
      return visitKey(reader, coarsen(key, reader.definition.partitioning.grain), visit)
    case 'lookback': {
      const last = shift(key, reader.definition.partitioning.grain, mapping.periods)
      const end = rangeInside(reader.domain, last)[1]
      for (let next = lowerBound(reader.domain, key); next < end; next++) visit(next)
      return
    }
    case 'through':
      for (let next = lowerBound(reader.domain, key); next < reader.domain.length; next++)
        visit(next)
      return
    case 'all':
      for (let next = 0; next < reader.domain.length; next++) visit(next)
      return
    case 'observed': {
      for (const { value } of upstream.observations?.byPartition.get(key) ?? [])
        visitKey(reader, coarsen(value, reader.definition.partitioning.grain), visit)
    }
  }
}

function visitKey(node: Node, key: PartitionKey, visit: (position: number) => void): void {
  const position = positionOf(node, key)
  if (position >= 0) visit(position)
}
