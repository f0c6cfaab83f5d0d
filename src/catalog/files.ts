import type { TenantSession } from '#catalog/session.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface CatalogFile {
  readonly id: number
  /** Relative to the lake. */
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
}

export interface ReadPartition {
  readonly partition: PartitionKey
  readonly versionId: number
  readonly rows: number
  readonly columns: readonly ResultColumn[]
  /** Files that hold its rows; partitions of one file share the object. Empty: it has no rows. */
  readonly files: readonly CatalogFile[]
  /** Files of the rows that were held back. */
  readonly quarantine: readonly CatalogFile[]
}

export interface ReadSet {
  readonly dataset: string
  /** The tenant's newest commit at this moment. */
  readonly commitNumber: number
  /** By key; partitions that were asked for and have no version are not among them. */
  readonly partitions: readonly ReadPartition[]
}

export interface ReadRequest {
  readonly dataset: string
  /** Null: every partition that has a version. */
  readonly partitions: readonly PartitionKey[] | null
}

/** What to read, from one statement: one consistent set over all the datasets. Parallel to the requests. */
export async function readSets(
  _session: TenantSession,
  _requests: readonly ReadRequest[],
): Promise<ReadSet[]> {
  throw new Error('to be written')
}

export async function readSet(
  _session: TenantSession,
  _dataset: string,
  _partitions: readonly PartitionKey[] | null,
): Promise<ReadSet> {
  throw new Error('to be written')
}

/** Files that no current, held or recently replaced version needs; former versions are kept `keepFormerMs`. */
export async function sweepable(
  _session: TenantSession,
  _options: { readonly keepFormerMs: number },
): Promise<CatalogFile[]> {
  throw new Error('to be written')
}

/** Their rows stay, for receipts; their bytes may go now. */
export async function markSwept(
  _session: TenantSession,
  _fileIds: readonly number[],
): Promise<void> {
  throw new Error('to be written')
}

/** Every file that must be there, by id from `after` on: for the scrubber, `doctor` and the orphan sweep. */
export async function listFiles(
  _session: TenantSession,
  _options: { readonly after: number; readonly limit: number },
): Promise<CatalogFile[]> {
  throw new Error('to be written')
}
