import { buildGraph } from '#model/build-graph.ts'
import type { DatasetState } from '#model/dataset-state.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import { analysisFingerprint, sourceFingerprint } from '#model/fingerprint.ts'
import { nodeOf, type SurveyedObject } from '#model/graph.ts'
import { keyOf, type PartitionKey } from '#model/partition-key.ts'
import { buildAnalysis, buildSource, buildState } from '../test/support/build-definitions.ts'

/** Many partitions of a chain of datasets, and what publishing them would record. */
export interface Grid {
  /** What its datasets are cut by, for people. */
  readonly cut: string
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

/** 100,032 partitions: hours of a source, three analyses of them in a chain, and their days. */
export function buildGrid(hours = 24_750): Grid {
  const definitions: readonly DatasetDefinition[] = [
    buildSource('readings', { grain: 'hour' }),
    buildAnalysis('cleaned', 'hour', { readings: 'same' }),
    buildAnalysis('counted', 'hour', { cleaned: 'same' }),
    buildAnalysis('ranked', 'hour', { counted: 'same' }),
    buildAnalysis('ranked_by_day', 'day', { ranked: 'roll-up' }),
  ]
  const keys = Array.from({ length: hours }, (_hour, index) =>
    keyOf(new Date(Date.UTC(2021, 0, 1, index)), 'hour'),
  )
  return gridOf('hours', definitions, keys)
}

/**
 * 100,737 partitions: a source of days × sites, a chain of four analyses that also cut it into 16
 * shards (one of them reads a week), their sums for each day and site, each day, each site, and all.
 */
export function buildCubes(days = 61, sites = 25): Grid {
  const site = { key: { name: 'site', values: null } }
  const cube = { grain: 'day', ...site, shards: { count: 16, by: 'email' } } as const
  const definitions: readonly DatasetDefinition[] = [
    buildSource('readings', { grain: 'day', key: 'site' }),
    buildAnalysis('cleaned', cube, { readings: 'same' }),
    buildAnalysis('counted', cube, { cleaned: 'same' }),
    buildAnalysis('ranked', cube, { counted: 6 }),
    buildAnalysis('named', cube, { ranked: 'same' }),
    buildAnalysis('by_site', { grain: 'day', ...site }, { ranked: 'same' }),
    buildAnalysis('by_day', 'day', { ranked: 'same' }),
    buildAnalysis('of_site', { grain: 'none', ...site }, { ranked: 'roll-up' }),
    buildAnalysis('whole', 'none', { ranked: 'roll-up' }),
  ]
  const keys = Array.from({ length: days }, (_day, index) =>
    keyOf(new Date(Date.UTC(2021, 0, 1 + index)), 'day'),
  ).flatMap((day) =>
    Array.from(
      { length: sites },
      (_site, index) => `${day}:site-${String(index).padStart(2, '0')}`,
    ),
  )
  return gridOf('days x keys x shards', definitions, keys)
}

function gridOf(
  cut: string,
  definitions: readonly DatasetDefinition[],
  keys: readonly PartitionKey[],
): Grid {
  const objects = keys.map(
    (key) =>
      [key, { location: `file:///readings/${key}`, etag: `"${key}"`, sizeBytes: 1 }] as const,
  )
  const objectOf = new Map(objects)
  const states = new Map<string, DatasetState>()
  const versions = new Map<string, ReturnType<Grid['versionOf']>>()
  for (const definition of definitions) {
    const { name, codeVersion } = definition
    const graph = buildGraph(definitions, states, new Map([['readings', objectOf]]))
    const digests = new Map<string, string>()
    const own = nodeOf(graph, name).domain.map((key) => {
      const object = objectOf.get(key) as SurveyedObject
      const fingerprint =
        definition.kind === 'source'
          ? sourceFingerprint(definition, object)
          : analysisFingerprint(graph, definition, key, digests)
      const version = { fingerprint, codeVersion, dataVersion: `${fingerprint.slice(0, 32)}:1` }
      versions.set(`${name} ${key}`, version)
      return [key, version] as const
    })
    states.set(name, buildState(name, Object.fromEntries(own)))
  }
  return {
    cut,
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
