import type { CatalogFile } from '#catalog/files.ts'
import { toJson } from '#catalog/json.ts'
import type { PublishedFile } from '#catalog/publish.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { CheckOutcome, ObservedValue, ResultColumn } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'

/** Sums of row hashes as they are stored: decimal digits. */
export interface StoredSums {
  readonly low: string
  readonly high: string
  readonly rows: number
}

/** Sums of a partition and of each period that it observes. */
export interface PartitionSums extends StoredSums {
  readonly observed: Readonly<Record<PartitionKey, StoredSums>>
}

/** A partition of an append dataset as it stands. */
export interface GrownVersion {
  readonly id: number
  readonly partition: PartitionKey
  readonly fingerprint: string
  readonly codeVersion: string
  readonly dataVersion: string
  readonly rows: number
  readonly columns: readonly ResultColumn[]
  /** Null: its rows have to be read before others can join them. */
  readonly sums: PartitionSums | null
  readonly origin: SourceOrigin | null
  readonly observed: readonly ObservedValue[] | null
  readonly checks: readonly CheckOutcome[]
  /** In the order of its extents, with how many of the file's rows are its own. */
  readonly files: readonly GrownFile[]
}

export interface GrownFile extends CatalogFile {
  readonly role: 'data' | 'quarantine'
  readonly rows: number
}

/** Current versions of these partitions; one that has none is not among them. */
export async function grownVersions(
  session: TenantSession,
  dataset: string,
  partitions: readonly PartitionKey[],
): Promise<GrownVersion[]> {
  return session.query<GrownVersion>(
    `SELECT v.id, v.partition, v.fingerprint, v.code_version AS "codeVersion", v.data_version AS "dataVersion",
       v.rows, v.columns, v.sums, v.origin, v.observed,
       coalesce((SELECT json_agg(json_build_object('name', c.name, 'severity', c.severity,
           'passed', c.passed, 'failingRows', c.failing_rows, 'message', c.message) ORDER BY c.ordinal)
         FROM check_result c WHERE c.tenant_id = $1 AND c.version_id = v.id), '[]') AS checks,
       coalesce((SELECT json_agg(json_build_object('id', f.id, 'path', f.path, 'sizeBytes', f.size_bytes,
           'sha256', f.sha256, 'role', e.role, 'rows', e.rows) ORDER BY e.ordinal)
         FROM extent e JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
         WHERE e.tenant_id = $1 AND e.version_id = v.id), '[]') AS files
     FROM partition_pointer p JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2 AND p.partition = ANY ($3)
     ORDER BY v.partition`,
    [session.tenant.id, dataset, partitions],
  )
}

/** Partitions of a dataset whose versions lie in more than so many files, those in most first. */
export async function scatteredPartitions(
  session: TenantSession,
  dataset: string,
  most: { readonly files: number; readonly partitions: number },
): Promise<PartitionKey[]> {
  const rows = await session.query<{ partition: PartitionKey }>(
    `SELECT p.partition
     FROM partition_pointer p JOIN extent e ON e.tenant_id = $1 AND e.version_id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2
     GROUP BY p.partition HAVING count(*) > $3
     ORDER BY count(*) DESC, p.partition LIMIT $4`,
    [session.tenant.id, dataset, most.files, most.partitions],
  )
  return rows.map(({ partition }) => partition)
}

/** What takes the place of a partition's version, or is its first. */
export interface NextVersion extends Omit<GrownVersion, 'id' | 'files' | 'sums'> {
  readonly sums: PartitionSums
  /** Null: it is the first. */
  readonly formerId: number | null
  /** Extents of the former that it keeps, and of the new files: [file, rows of it]. */
  readonly kept: readonly Pick<GrownFile, 'id' | 'role' | 'rows'>[]
  readonly added: readonly {
    readonly path: string
    readonly role: 'data' | 'quarantine'
    readonly rows: number
  }[]
}

/**
 * Makes the versions visible, in the caller's transaction, which holds the lane and the tenant's row
 * lock (`nextCommit`). `cause`: which flush it was, in place of a run.
 */
export async function publishGrown(
  session: TenantSession,
  publish: {
    readonly dataset: string
    readonly cause: string
    readonly taskId: number
    readonly fence: number
    readonly commitNumber: number
    readonly versions: readonly NextVersion[]
    readonly files: readonly PublishedFile[]
  },
): Promise<void> {
  const { dataset, cause, taskId, fence, commitNumber, versions, files } = publish
  await session.query(PUBLISH_GROWN, [
    session.tenant.id,
    dataset,
    cause,
    taskId,
    fence,
    commitNumber,
    toJson(versions),
    toJson(files),
  ])
}

const PUBLISH_GROWN = `
  WITH given AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($7) AS g (partition text, fingerprint text, "codeVersion" text,
      "dataVersion" text, rows bigint, columns jsonb, sums jsonb, origin jsonb, observed jsonb,
      checks jsonb, "formerId" bigint, kept jsonb, added jsonb)
  ), new_version AS (
    INSERT INTO version (tenant_id, dataset, partition, fingerprint, code_version, data_version, rows,
      columns, sums, observed, origin, inputs, run_id, task_id, fence, state, previous_version_id,
      commit_number, published_at)
    SELECT $1, $2, g.partition, g.fingerprint, g."codeVersion", g."dataVersion", g.rows, g.columns,
      g.sums, nullif(g.observed, 'null'), g.origin, '[]', $3, $4, $5, 'published', g."formerId", $6,
      millrace_now()
    FROM given g
    RETURNING *
  ), new_file AS (
    INSERT INTO file (tenant_id, dataset, path, size_bytes, sha256, rows)
    SELECT $1, $2, f.path, f."sizeBytes", f.sha256, f.rows
    FROM jsonb_to_recordset($8) AS f (path text, "sizeBytes" bigint, sha256 text, rows bigint)
    RETURNING id, path
  ), lying AS (
    SELECT v.id AS version_id, k.place, k.value ->> 'role' AS role, (k.value ->> 'id')::bigint AS file_id,
      (k.value ->> 'rows')::bigint AS rows
    FROM given g JOIN new_version v ON v.partition = g.partition
    CROSS JOIN jsonb_array_elements(g.kept) WITH ORDINALITY AS k (value, place)
    UNION ALL
    SELECT v.id, 1000000 + a.place, a.value ->> 'role', f.id, (a.value ->> 'rows')::bigint
    FROM given g JOIN new_version v ON v.partition = g.partition
    CROSS JOIN jsonb_array_elements(g.added) WITH ORDINALITY AS a (value, place)
    JOIN new_file f ON f.path = a.value ->> 'path'
  ), new_extent AS (
    INSERT INTO extent (tenant_id, version_id, ordinal, file_id, role, rows)
    SELECT $1, version_id, row_number() OVER (PARTITION BY version_id ORDER BY place) - 1, file_id, role,
      rows
    FROM lying
  ), new_check AS (
    INSERT INTO check_result
      (tenant_id, version_id, ordinal, name, severity, passed, failing_rows, message)
    SELECT $1, v.id, c.ordinal, c.result ->> 'name', c.result ->> 'severity',
      (c.result ->> 'passed')::boolean, (c.result ->> 'failingRows')::bigint, c.result ->> 'message'
    FROM given g JOIN new_version v ON v.partition = g.partition
    CROSS JOIN jsonb_array_elements(g.checks) WITH ORDINALITY AS c (result, ordinal)
  ), retired AS (
    UPDATE version v SET retired_at = millrace_now() FROM given g
    WHERE v.tenant_id = $1 AND v.id = g."formerId"
  ), moved AS (
    INSERT INTO partition_pointer (environment, tenant_id, dataset, partition, version_id,
      commit_number, fingerprint, code_version, data_version, has_observed)
    SELECT 'main', $1, $2, v.partition, v.id, $6, v.fingerprint, v.code_version, v.data_version,
      v.observed IS NOT NULL
    FROM new_version v
    ON CONFLICT (tenant_id, environment, dataset, partition) DO UPDATE
    SET version_id = excluded.version_id, commit_number = excluded.commit_number,
      fingerprint = excluded.fingerprint, code_version = excluded.code_version,
      data_version = excluded.data_version, has_observed = excluded.has_observed,
      undone_run = NULL, failed_task_id = NULL, failed_state = NULL, failed_error = NULL
  )
  INSERT INTO outbox (tenant_id, kind, payload)
  SELECT $1, 'partition.published', jsonb_build_object('dataset', $2::text, 'append', $3::text,
    'commit', $6::bigint, 'partitions', jsonb_agg(v.partition ORDER BY v.partition))
  FROM new_version v HAVING count(*) > 0`

/** A number for the names of a flush's files, which no task has. */
export async function nextFlushId(session: TenantSession): Promise<number> {
  const [row] = await session.query<{ id: number }>(`SELECT nextval('task_id') AS id`)
  return row?.id as number
}
