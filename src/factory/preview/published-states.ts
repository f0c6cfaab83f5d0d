import type { DatasetState } from '#model/dataset-state.ts'
import type { ObservedValue } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** A partition as it would be published. */
export interface Would {
  readonly partition: PartitionKey
  readonly dataVersion: string
  readonly codeVersion: string
  /** Of a source that observes a column. */
  readonly observed: readonly ObservedValue[] | null
}

/** The state of a dataset as if these partitions were published; their fingerprints mean nothing then. */
export function withPublished(state: DatasetState, made: readonly Would[]): DatasetState {
  const rows = new Map(
    state.keys.map((key, at) => [
      key,
      {
        versionId: state.versionIds[at] ?? null,
        fingerprint: state.fingerprints[at] ?? null,
        dataVersion: state.dataVersions[at] ?? null,
        codeVersion: state.codeVersions[at] ?? null,
        undone: state.undone[at] ?? false,
      },
    ]),
  )
  for (const { partition, dataVersion, codeVersion } of made) {
    const former = rows.get(partition)
    const versionId = former?.versionId ?? 0
    rows.set(partition, { versionId, fingerprint: null, dataVersion, codeVersion, undone: false })
  }
  const keys = [...rows.keys()].sort()
  const column = <Name extends keyof Row>(name: Name) =>
    keys.map((key) => (rows.get(key) as Row)[name])
  const observed = new Map(state.observed.map((entry) => [entry.partition, entry]))
  for (const { partition, observed: values } of made) {
    if (values)
      observed.set(partition, { partition, values: withGone(observed.get(partition), values) })
  }
  return {
    ...state,
    keys,
    versionIds: column('versionId'),
    fingerprints: column('fingerprint'),
    dataVersions: column('dataVersion'),
    codeVersions: column('codeVersion'),
    undone: column('undone'),
    observed: [...observed.values()].toSorted((a, b) => (a.partition < b.partition ? -1 : 1)),
  }
}

interface Row {
  readonly versionId: number | null
  readonly fingerprint: string | null
  readonly dataVersion: string | null
  readonly codeVersion: string | null
  readonly undone: boolean
}

/** Values that were held before stay named, so that what read them is reached. */
function withGone(
  former: DatasetState['observed'][number] | undefined,
  values: readonly ObservedValue[],
): ObservedValue[] {
  const present = new Set(values.map(({ value }) => value))
  const gone = (former?.values ?? []).filter(({ value }) => !present.has(value))
  return [...values, ...gone.map(({ value }) => ({ value, dataVersion: 'gone:0', rows: 0 }))]
}
