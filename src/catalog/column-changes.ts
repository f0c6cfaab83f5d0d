import type { TenantSession } from '#catalog/session.ts'
import type { ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** A version whose columns differ from those of the version that was made before it. */
export interface ColumnChange {
  readonly versionId: number
  readonly partition: PartitionKey
  readonly at: Date
  readonly columns: readonly ResultColumn[]
  /** Null: it is the first that is looked at. */
  readonly former: readonly ResultColumn[] | null
}

/** Newest versions of a dataset that are looked through. */
const VERSIONS_MAX = 5_000

/** Newest first; versions without rows say nothing of columns. */
export async function columnChanges(
  session: TenantSession,
  dataset: string,
  limit: number,
): Promise<ColumnChange[]> {
  return session.query<ColumnChange>(
    `SELECT id AS "versionId", partition, created_at AS at, columns, former
     FROM (
       SELECT id, partition, created_at, columns, lag(columns) OVER (ORDER BY created_at, id) AS former
       FROM (
         SELECT id, partition, created_at, columns FROM version
         WHERE tenant_id = $1 AND dataset = $2 AND rows > 0
         ORDER BY created_at DESC, id DESC LIMIT ${VERSIONS_MAX}
       ) AS newest
     ) AS seen
     WHERE former IS DISTINCT FROM columns ORDER BY created_at DESC, id DESC LIMIT $3`,
    [session.tenant.id, dataset, limit],
  )
}

/** Columns of what a partition has published; null: nothing. The newest one when no key is given. */
export async function publishedColumns(
  session: TenantSession,
  dataset: string,
  partition: PartitionKey | null,
): Promise<{
  readonly partition: PartitionKey
  readonly columns: readonly ResultColumn[]
  readonly rows: number
  readonly dataVersion: string
} | null> {
  const [row] = await session.query<{
    partition: PartitionKey
    columns: ResultColumn[]
    rows: number
    dataVersion: string
  }>(
    `SELECT p.partition, v.columns, v.rows, v.data_version AS "dataVersion"
     FROM partition_pointer p JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2
       AND ($3::text IS NULL OR p.partition = $3) AND v.rows > 0
     ORDER BY p.partition DESC LIMIT 1`,
    [session.tenant.id, dataset, partition],
  )
  return row ?? null
}
