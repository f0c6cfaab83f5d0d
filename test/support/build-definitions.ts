import { sha256 } from '#kernel/hash.ts'
import type {
  AnalysisDefinition,
  Mapping,
  Partitioning,
  SourceDefinition,
} from '#model/definition.ts'
import { emptyState, type DatasetState } from '#model/dataset-state.ts'
import type { ObservedValue } from '#model/outcome.ts'
import type { Grain, PartitionKey } from '#model/partition-key.ts'
import type { PlanRequest } from '#model/plan.ts'

/** A source of text rows, cut by month; `observes` names the grain of the values that it records. */
export function buildSource(
  name: string,
  given: {
    readonly grain?: Grain
    readonly observes?: Grain
    readonly reference?: boolean
    readonly code?: string
    /** Name of a registered key. */
    readonly key?: string
  } = {},
): SourceDefinition {
  const { observes, reference = false } = given
  return {
    kind: 'source',
    name,
    pack: 'test',
    description: `Source ${name}.`,
    file: `sources/${name}.ts`,
    partitioning: {
      grain: reference ? 'none' : (given.grain ?? 'month'),
      ...(given.key !== undefined && { key: { name: given.key, values: null } }),
    },
    checks: [],
    codeVersion: sha256(given.code ?? name),
    format: { kind: 'csv' },
    columns: [{ name: 'at', type: 'timestamp', role: 'time' }],
    derived: [],
    ...(observes ? { observes: { column: 'at', grain: observes } } : {}),
    reference,
  }
}

type MappingName = Exclude<Mapping['kind'], 'lookback'>

/** `inputs`: dataset → mapping (`same whole`), where a number means that many periods of lookback. */
export function buildAnalysis(
  name: string,
  cut: Grain | Partitioning,
  inputs: Readonly<Record<string, MappingName | `${MappingName} whole` | number>>,
  given: { readonly code?: string; readonly volatile?: boolean } = {},
): AnalysisDefinition {
  return {
    kind: 'analysis',
    name,
    pack: 'test',
    description: `Analysis ${name}.`,
    file: `analyses/${name}.sql`,
    partitioning: typeof cut === 'string' ? { grain: cut } : cut,
    checks: [],
    codeVersion: sha256(given.code ?? name),
    language: 'sql',
    text: `SELECT * FROM ${Object.keys(inputs).join(', ')}`,
    inputs: Object.entries(inputs).map(([dataset, mapping]) => {
      if (typeof mapping === 'number') {
        return { dataset, mapping: { kind: 'lookback', periods: mapping } }
      }
      const [kind, whole] = mapping.split(' ') as [MappingName, 'whole'?]
      return { dataset, mapping: { kind }, ...(whole && { whole: true }) }
    }),
    volatile: given.volatile ?? false,
    columns: [],
  }
}

interface PublishedState {
  readonly fingerprint?: string | null
  readonly dataVersion?: string | null
  readonly codeVersion?: string | null
  readonly undone?: boolean
  readonly observed?: readonly ObservedValue[]
}

/** What a catalog would load of a dataset; versions are numbered by position. */
export function buildState(
  dataset: string,
  partitions: Readonly<Record<PartitionKey, PublishedState>>,
  failures: DatasetState['failures'] = [],
): DatasetState {
  const keys = Object.keys(partitions).sort()
  const of = (key: PartitionKey) => partitions[key] as PublishedState
  return {
    ...emptyState(dataset),
    keys,
    versionIds: keys.map((key, index) => (of(key).fingerprint === null ? null : index + 1)),
    fingerprints: keys.map((key) => of(key).fingerprint ?? null),
    dataVersions: keys.map((key) => of(key).dataVersion ?? null),
    codeVersions: keys.map((key) => of(key).codeVersion ?? null),
    undone: keys.map((key) => of(key).undone ?? false),
    failures,
    observed: keys.flatMap((partition) => {
      const { observed } = of(partition)
      return observed ? [{ partition, values: observed }] : []
    }),
  }
}

/** `buildRequest('run', 'events', '2021-04')`; without keys: all partitions, without a name: all datasets. */
export function buildRequest(
  mode: PlanRequest['mode'],
  dataset?: string,
  ...partitions: readonly PartitionKey[]
): PlanRequest {
  return {
    mode,
    datasets: dataset === undefined ? [] : [dataset],
    partitions: partitions.length > 0 ? partitions : null,
  }
}
