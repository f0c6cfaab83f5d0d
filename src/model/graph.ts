import { rangeInside, type DatasetState } from '#model/dataset-state.ts'
import type { DatasetDefinition } from '#model/definition.ts'
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

export function nodeOf(graph: Graph, dataset: string): Node {
  const node = graph.get(dataset)
  if (!node) throw new Error(`the graph has no dataset ${dataset}`)
  return node
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

/** Position of a key in a node's domain, or -1. */
export function positionOf(node: Node, key: PartitionKey): number {
  return node.positions.get(key) ?? -1
}
