import type { Figures } from '#engine/convert/held-job.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What mends that wait would do to one dataset. */
export interface DatasetEffect {
  readonly dataset: string
  /** Partitions that would be computed again. */
  readonly partitions: number
  /** Those of them that would come out otherwise; null: too many to compute here, and so are their readers. */
  readonly changed: readonly PartitionKey[] | null
  /** Of the changed partitions; null where nothing changes or is not computed. */
  readonly before: Figures | null
  readonly after: Figures | null
}
