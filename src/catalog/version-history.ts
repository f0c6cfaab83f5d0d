import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What a partition's pointer came to name at one commit: a publish, an undo, an erasure. */
export interface VersionMove {
  readonly partition: PartitionKey
  readonly commitNumber: number
  readonly at: Date
  /** Null: nothing was published from then on. */
  readonly versionId: number | null
  readonly rows: number | null
  readonly dataVersion: string | null
  readonly codeVersion: string | null
  readonly runId: string | null
  readonly isCurrent: boolean
  /** Null: its rows can be read. */
  readonly sweptAt: Date | null
}

/** Where a list of moves goes on: behind this one. */
export interface MovePlace {
  readonly commitNumber: number
  readonly partition: PartitionKey
}

/** Newest first, those of one commit by partition. */
export async function versionHistory(
  session: TenantSession,
  dataset: string,
  options: {
    readonly partition: PartitionKey | null
    readonly after: MovePlace | null
    readonly limit: number
  },
): Promise<VersionMove[]> {
  return session.query<VersionMove>(
    `SELECT m.partition, m.commit_number AS "commitNumber", m.at, m.version_id AS "versionId",
       v.rows, v.data_version AS "dataVersion", v.code_version AS "codeVersion",
       v.run_id AS "runId",
       p.version_id IS NOT DISTINCT FROM m.version_id AND p.commit_number = m.commit_number
         AS "isCurrent",
       (SELECT min(f.swept_at) FROM extent e JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
        WHERE e.tenant_id = $1 AND e.version_id = m.version_id AND e.role = 'data') AS "sweptAt"
     FROM (
       SELECT partition, commit_number, at, version_id FROM pointer_move
       WHERE tenant_id = $1 AND environment = 'main' AND dataset = $2
         AND ($3::text IS NULL OR partition = $3) AND ($4::bigint IS NULL OR commit_number < $4 OR (commit_number = $4 AND partition > $5::text))
       ORDER BY commit_number DESC, partition LIMIT $6
     ) AS m
     LEFT JOIN version v ON v.tenant_id = $1 AND v.id = m.version_id
     LEFT JOIN partition_pointer p ON p.tenant_id = $1 AND p.environment = 'main'
       AND p.dataset = $2 AND p.partition = m.partition
     ORDER BY m.commit_number DESC, m.partition`,
    [
      session.tenant.id,
      dataset,
      options.partition,
      options.after?.commitNumber ?? null,
      options.after?.partition ?? null,
      options.limit,
    ],
  )
}
