import { toJson } from '#catalog/json.ts'
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

/** By key. */
export async function loadSourceObjects(
  session: TenantSession,
  dataset: string,
): Promise<(SourceObject & { readonly checkedAt: Date })[]> {
  return session.query<SourceObject & { readonly checkedAt: Date }>(
    `SELECT dataset, partition, location, etag, size_bytes AS "sizeBytes",
       modified_at AS "modifiedAt", sha256, checked_at AS "checkedAt"
     FROM source_object WHERE tenant_id = $1 AND dataset = $2 ORDER BY partition`,
    [session.tenant.id, dataset],
  )
}

/** Keeps what was seen; a known SHA-256 stays as long as location, tag and size do. */
export async function recordSourceObjects(
  session: TenantSession,
  objects: readonly SourceObject[],
): Promise<void> {
  if (objects.length === 0) return
  await session.query(
    `INSERT INTO source_object AS known (tenant_id, dataset, partition, location, etag, size_bytes,
       modified_at, sha256, checked_at)
     SELECT $1, o.dataset, o.partition, o.location, o.etag, o."sizeBytes", o."modifiedAt", o.sha256,
       millrace_now()
     FROM jsonb_to_recordset($2) AS o (dataset text, partition text, location text, etag text,
       "sizeBytes" bigint, "modifiedAt" timestamptz, sha256 text)
     ON CONFLICT (tenant_id, dataset, partition) DO UPDATE
     SET location = excluded.location, etag = excluded.etag, size_bytes = excluded.size_bytes,
       modified_at = excluded.modified_at, checked_at = excluded.checked_at,
       sha256 = coalesce(excluded.sha256, CASE
         WHEN (known.location, known.etag, known.size_bytes)
           = (excluded.location, excluded.etag, excluded.size_bytes) THEN known.sha256 END)`,
    [session.tenant.id, toJson(objects)],
  )
}

export interface VersionOrigin {
  readonly partition: PartitionKey
  readonly versionId: number
  readonly origin: SourceOrigin
}

/** Where the current versions of a source came from, by key: for receipts, `show` and `quarantine`. */
export async function loadOrigins(
  session: TenantSession,
  dataset: string,
): Promise<VersionOrigin[]> {
  return session.query<VersionOrigin>(
    `SELECT p.partition, v.id AS "versionId", v.origin
     FROM partition_pointer p JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2 AND v.origin IS NOT NULL
     ORDER BY p.partition`,
    [session.tenant.id, dataset],
  )
}
