import { MillraceError } from '#kernel/errors.ts'
import type { DatasetDefinition } from '#model/definition.ts'
import type { PartitionStateName, PlanRequest } from '#model/plan.ts'
import { selectorsOf } from '#model/region.ts'

/** A region as it is stored with a schedule or a backfill. */
export interface StoredRegion {
  readonly datasets: readonly string[]
  readonly partition: string | null
  readonly mode: 'run' | 'rerun'
  readonly only?: readonly string[] | undefined
  readonly upstream?: boolean | undefined
  readonly downstream?: boolean | undefined
  readonly order?: 'oldest' | 'newest' | undefined
}

/** The request that a stored region stands for with the definitions of today. Throws `dataset-unknown`. */
export function requestOf(
  region: StoredRegion,
  definitions: readonly DatasetDefinition[],
): PlanRequest {
  const asked = region.datasets.map((dataset) => {
    const found = definitions.find(({ name }) => name === dataset)
    if (found) return found
    const known = definitions.map(({ name }) => name)
    throw new MillraceError('dataset-unknown', { dataset, known })
  })
  const { partition, only, upstream, downstream, order } = region
  return {
    datasets: region.datasets,
    partitions:
      partition === null ? null : selectorsOf(partition, asked.length > 0 ? asked : definitions),
    mode: region.mode,
    ...(only ? { only: only as PartitionStateName[] } : {}),
    ...(upstream === undefined ? {} : { upstream }),
    ...(downstream === undefined ? {} : { downstream }),
    ...(order === undefined ? {} : { order }),
  }
}
