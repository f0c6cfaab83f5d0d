import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'

/** A source's object as its system described it when somebody looked last. */
export interface SourceObject {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly location: string
  readonly etag: string
  readonly sizeBytes: number
  readonly modifiedAt: Date
  /** Null: it was looked at, but never fetched as it is now. */
  readonly sha256: string | null
}

export async function loadSourceObjects(
  _session: TenantSession,
  _dataset: string,
): Promise<(SourceObject & { readonly checkedAt: Date })[]> {
  throw new Error('to be written')
}

/** Keeps what was seen; a known SHA-256 stays as long as location, tag and size do. */
export async function recordSourceObjects(
  _session: TenantSession,
  _objects: readonly SourceObject[],
): Promise<void> {
  throw new Error('to be written')
}

/** Where the current versions of a source came from, by partition: for receipts, `show` and `quarantine`. */
export async function loadOrigins(
  _session: TenantSession,
  _dataset: string,
): Promise<
  { readonly partition: PartitionKey; readonly versionId: number; readonly origin: SourceOrigin }[]
> {
  throw new Error('to be written')
}
