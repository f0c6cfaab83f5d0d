import type { TenantSession } from '#catalog/session.ts'
import type { DatasetState } from '#model/dataset-state.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { VersionInput } from '#model/run.ts'

/**
 * What the tenant has of these datasets, in their order, all from one statement: one consistent
 * moment. 100,000 partitions take some 0.2 s.
 */
export async function loadState(
  _session: TenantSession,
  _datasets: readonly string[],
): Promise<DatasetState[]> {
  throw new Error('to be written')
}

/** What each version was computed from, parallel to the ids; empty for one that is unknown. */
export async function loadInputs(
  _session: TenantSession,
  _versionIds: readonly number[],
): Promise<VersionInput[][]> {
  throw new Error('to be written')
}

export interface PartitionRow {
  readonly partition: PartitionKey
  readonly versionId: number
  readonly rows: number
  readonly dataVersion: string
  readonly publishedAt: Date
  readonly runId: string
  readonly commitNumber: number
}

/** Partitions that can be read now, by key. */
export async function listPartitions(
  _session: TenantSession,
  _dataset: string,
): Promise<PartitionRow[]> {
  throw new Error('to be written')
}
