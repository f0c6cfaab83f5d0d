import type { ObservedValue } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/**
 * What a tenant's catalog knows of one dataset, as parallel arrays sorted by key: 100,000
 * partitions are loaded, planned over and thrown away without an object for each.
 */
export interface DatasetState {
  readonly dataset: string
  readonly keys: readonly PartitionKey[]
  /** Null: the pointer was moved back to nothing by an undo. */
  readonly versionIds: readonly (number | null)[]
  readonly fingerprints: readonly (string | null)[]
  readonly dataVersions: readonly (string | null)[]
  readonly codeVersions: readonly (string | null)[]
  /** Code versions other than the current one whose partitions count as built with it. */
  readonly accepted?: readonly string[]
  /** True: put back by an undo, and nothing newer has been published since. */
  readonly undone: readonly boolean[]
  /** Partitions whose newest attempt failed or was held after the current version was published. */
  readonly failures: readonly {
    readonly partition: PartitionKey
    readonly state: 'failed' | 'held'
    readonly message: string
  }[]
  /** Of a source that observes a column: the values of each partition. `rows` 0: held once, gone now. */
  readonly observed: readonly {
    readonly partition: PartitionKey
    readonly values: readonly ObservedValue[]
  }[]
}

export function emptyState(dataset: string): DatasetState {
  return {
    dataset,
    keys: [],
    versionIds: [],
    fingerprints: [],
    dataVersions: [],
    codeVersions: [],
    undone: [],
    failures: [],
    observed: [],
  }
}

/** Position of the first element that is not less than `value`, in code-unit order. */
export function lowerBound(sorted: readonly string[], value: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as string) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Half-open range of the keys that lie inside a coarser (or equal) period. */
export function rangeInside(sorted: readonly string[], period: PartitionKey): [number, number] {
  return [lowerBound(sorted, period), lowerBound(sorted, `${period}\uffff`)]
}
