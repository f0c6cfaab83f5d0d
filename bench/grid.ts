import type { DatasetState } from '#model/dataset-state.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { analysisFingerprint, sourceFingerprint } from '#model/fingerprint.ts'
import { buildGraph, nodeOf, type SurveyedObject } from '#model/graph.ts'
import { keyOf, type PartitionKey } from '#model/partition-key.ts'
import { buildAnalysis, buildSource, buildState } from '../test/support/build-definitions.ts'

/** 100,032 partitions: hours of a source, three analyses of them in a chain, and their days. */
export interface Grid {
  readonly definitions: readonly DatasetDefinition[]
  readonly partitions: number
  readonly objects: readonly (readonly [PartitionKey, SurveyedObject])[]
  /** All partitions, inputs first, at most so many of one dataset at a time. */
  batches(size: number): { readonly dataset: string; readonly partitions: PartitionKey[] }[]
  /** What publishing a partition records, so that a later plan finds it fresh. */
  versionOf(
    dataset: string,
    partition: PartitionKey,
  ): { readonly fingerprint: string; readonly codeVersion: string; readonly dataVersion: string }
}

export function buildGrid(hours = 24_750): Grid {
  const definitions: readonly DatasetDefinition[] = [
    buildSource('readings', { grain: 'hour' }),
    buildAnalysis('cleaned', 'hour', { readings: 'same' }),
    buildAnalysis('counted', 'hour', { cleaned: 'same' }),
    buildAnalysis('ranked', 'hour', { counted: 'same' }),
    buildAnalysis('ranked_by_day', 'day', { ranked: 'roll-up' }),
  ]
  const objects = Array.from({ length: hours }, (_hour, index) => {
    const key = keyOf(new Date(Date.UTC(2021, 0, 1, index)), 'hour')
    return [key, { location: `file:///readings/${key}`, etag: `"${key}"`, sizeBytes: 1 }] as const
  })
  const objectOf = new Map(objects)
  const states = new Map<string, DatasetState>()
  const versions = new Map<string, ReturnType<Grid['versionOf']>>()
  for (const definition of definitions) {
    const { name, codeVersion } = definition
    const graph = buildGraph(definitions, states, new Map([['readings', objectOf]]))
    const own = nodeOf(graph, name).domain.map((key) => {
      const object = objectOf.get(key) as SurveyedObject
      const fingerprint =
        definition.kind === 'source'
          ? sourceFingerprint(definition, object)
          : analysisFingerprint(graph, definition, key, new Map())
      const version = { fingerprint, codeVersion, dataVersion: `${fingerprint.slice(0, 32)}:1` }
      versions.set(`${name} ${key}`, version)
      return [key, version] as const
    })
    states.set(name, buildState(name, Object.fromEntries(own)))
  }
  return {
    definitions,
    partitions: versions.size,
    objects,
    batches: (size) =>
      [...states].flatMap(([dataset, { keys }]) =>
        Array.from({ length: Math.ceil(keys.length / size) }, (_batch, index) => ({
          dataset,
          partitions: keys.slice(index * size, (index + 1) * size),
        })),
      ),
    versionOf: (dataset, partition) =>
      versions.get(`${dataset} ${partition}`) as ReturnType<Grid['versionOf']>,
  }
}
