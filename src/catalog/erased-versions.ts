import type { CatalogFile } from '#catalog/files.ts'
import { toJson } from '#catalog/json.ts'
import { nextCommit, type PublishedFile } from '#catalog/publish.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { CheckOutcome, ObservedValue } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'

/** A version whose files are still there, current or former. */
export interface StoredVersion {
  readonly id: number
  readonly partition: PartitionKey
  readonly isCurrent: boolean
  readonly origin: SourceOrigin | null
  readonly observed: readonly ObservedValue[] | null
  readonly files: readonly (CatalogFile & { readonly role: 'data' | 'quarantine' })[]
}

/** Versions of one dataset with files, by id from `after` on. */
export async function storedVersions(
  session: TenantSession,
  dataset: string,
  page: { readonly after: number; readonly limit: number },
): Promise<StoredVersion[]> {
  return session.query<StoredVersion>(
    `SELECT v.id, v.partition, v.origin, v.observed, l.files,
       EXISTS (
         SELECT FROM partition_pointer p
         WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = v.dataset
           AND p.partition = v.partition AND p.version_id = v.id
       ) AS "isCurrent"
     FROM version v
     CROSS JOIN LATERAL (
       SELECT json_agg(json_build_object('id', f.id, 'path', f.path, 'sizeBytes', f.size_bytes,
         'sha256', f.sha256, 'role', e.role) ORDER BY e.ordinal) AS files
       FROM extent e JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
       WHERE e.tenant_id = $1 AND e.version_id = v.id AND f.swept_at IS NULL
     ) AS l
     WHERE v.tenant_id = $1 AND v.dataset = $2 AND v.id > $3 AND l.files IS NOT NULL
     ORDER BY v.id LIMIT $4`,
    [session.tenant.id, dataset, page.after, page.limit],
  )
}

/** What takes the place of a source's current version. */
export interface Rewritten {
  readonly formerId: number
  /** Null: the rows are the same, only their quarantine is not. */
  readonly dataVersion: string | null
  readonly rows: number
  readonly checks: readonly CheckOutcome[]
  readonly observed: readonly ObservedValue[] | null
  readonly origin: SourceOrigin
  readonly files: readonly PublishedFile[]
}

/**
 * Publishes the rows that are left in place of a current version, under the same fingerprint: the
 * object has not changed. Nobody can go back to the former one. False: it is no longer current.
 */
export async function replaceVersion(
  session: TenantSession,
  erasureId: string,
  rewritten: Rewritten,
): Promise<boolean> {
  const { formerId, files, ...written } = rewritten
  const commitNumber = await nextCommit(session)
  const [row] = await session.query<{ id: number | null }>(REPLACE_VERSION, [
    session.tenant.id,
    formerId,
    erasureId,
    commitNumber,
    toJson(written),
    toJson(files.map((file, ordinal) => ({ ordinal, ...file }))),
  ])
  return row?.id != null
}

const REPLACE_VERSION = `
  WITH former AS MATERIALIZED (
    SELECT v.* FROM version v
    JOIN partition_pointer p ON p.tenant_id = $1 AND p.environment = 'main'
      AND p.dataset = v.dataset AND p.partition = v.partition AND p.version_id = v.id
    WHERE v.tenant_id = $1 AND v.id = $2
  ), given AS MATERIALIZED (
    SELECT * FROM jsonb_to_record($5) AS g ("dataVersion" text, rows bigint, checks jsonb,
      observed jsonb, origin jsonb)
  ), new_version AS (
    INSERT INTO version (tenant_id, dataset, partition, fingerprint, code_version, data_version,
      rows, columns, observed, origin, inputs, run_id, task_id, fence, state, previous_version_id,
      commit_number, published_at)
    SELECT $1, f.dataset, f.partition, f.fingerprint, f.code_version,
      coalesce(g."dataVersion", f.data_version), g.rows,
      f.columns, nullif(g.observed, 'null'), g.origin, f.inputs, $3, 0, 0, 'published', NULL, $4,
      millrace_now()
    FROM former f CROSS JOIN given g
    RETURNING *
  ), new_file AS (
    INSERT INTO file (tenant_id, dataset, path, size_bytes, sha256, rows)
    SELECT $1, v.dataset, f.path, f."sizeBytes", f.sha256, f.rows
    FROM new_version v
    CROSS JOIN jsonb_to_recordset($6) AS f (path text, "sizeBytes" bigint, sha256 text, rows bigint)
    RETURNING id, path, rows
  ), new_extent AS (
    INSERT INTO extent (tenant_id, version_id, ordinal, file_id, role, rows)
    SELECT $1, v.id, f.ordinal, new_file.id, f.role, new_file.rows
    FROM new_version v
    CROSS JOIN jsonb_to_recordset($6) AS f (ordinal int, path text, role text)
    JOIN new_file ON new_file.path = f.path
  ), new_check AS (
    INSERT INTO check_result
      (tenant_id, version_id, ordinal, name, severity, passed, failing_rows, message)
    SELECT $1, v.id, c.ordinal, c.result ->> 'name', c.result ->> 'severity',
      (c.result ->> 'passed')::boolean, (c.result ->> 'failingRows')::bigint, c.result ->> 'message'
    FROM new_version v CROSS JOIN given g
    CROSS JOIN jsonb_array_elements(g.checks) WITH ORDINALITY AS c (result, ordinal)
  ), retired AS (
    UPDATE version v SET retired_at = millrace_now() FROM former f
    WHERE v.tenant_id = $1 AND v.id = f.id
  ), moved AS (
    UPDATE partition_pointer p
    SET version_id = v.id, commit_number = $4, data_version = v.data_version,
      has_observed = v.observed IS NOT NULL
    FROM new_version v
    WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = v.dataset
      AND p.partition = v.partition
  ), told AS (
    INSERT INTO outbox (tenant_id, kind, payload)
    SELECT $1, 'partition.published', jsonb_build_object('dataset', v.dataset, 'erasure', $3::text,
      'commit', $4::bigint, 'partitions', jsonb_build_array(v.partition))
    FROM new_version v
  )
  SELECT (SELECT id FROM new_version) AS id`

/**
 * Takes versions out of what can be read, for good: their files are marked swept, and which erasure did
 * it stays with them. A pointer that still names one names nothing then. Returns the paths of those files.
 */
export async function eraseVersions(
  session: TenantSession,
  erasureId: string,
  versionIds: readonly number[],
): Promise<string[]> {
  if (versionIds.length === 0) return []
  const files = await session.query<{ path: string }>(
    `WITH gone AS (
       UPDATE version SET erased_by = $2, retired_at = coalesce(retired_at, millrace_now())
       WHERE tenant_id = $1 AND id = ANY ($3)
       RETURNING id, dataset, partition
     ), pointed AS (
       UPDATE partition_pointer p
       SET version_id = NULL, fingerprint = NULL, code_version = NULL, data_version = NULL,
         has_observed = false
       FROM gone
       WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = gone.dataset
         AND p.partition = gone.partition AND p.version_id = gone.id
     ), told AS (
       -- What a check found may quote a row.
       UPDATE check_result SET message = 'erased'
       WHERE tenant_id = $1 AND version_id = ANY ($3)
     )
     UPDATE file f SET swept_at = coalesce(swept_at, millrace_now()), erased_by = $2
     FROM extent e
     WHERE e.tenant_id = $1 AND e.version_id = ANY ($3) AND f.tenant_id = $1 AND f.id = e.file_id
       -- A file may hold other partitions, too: see sharedFiles.
       AND NOT EXISTS (
         SELECT FROM extent o JOIN version v ON v.tenant_id = $1 AND v.id = o.version_id
         WHERE o.tenant_id = $1 AND o.file_id = f.id AND o.version_id <> ALL ($3)
           AND v.erased_by IS NULL)
     RETURNING f.path`,
    [session.tenant.id, erasureId, versionIds],
  )
  return files.map(({ path }) => path)
}

/** A file in which rows of an erased version lie beside those of versions that stay. */
export interface SharedFile extends CatalogFile {
  readonly dataset: string
  /** Partitions whose rows stay, by key. */
  readonly stay: readonly PartitionKey[]
}

export async function sharedFiles(
  session: TenantSession,
  erasureId: string,
): Promise<SharedFile[]> {
  return session.query<SharedFile>(
    `SELECT f.id, f.path, f.size_bytes AS "sizeBytes", f.sha256, f.dataset, s.stay
     FROM (
       SELECT DISTINCT e.file_id AS id FROM version v
       -- Quarantines are of one partition: one that others name holds nothing of an erased subject.
       JOIN extent e ON e.tenant_id = $1 AND e.version_id = v.id AND e.role = 'data'
       WHERE v.tenant_id = $1 AND v.erased_by = $2
     ) AS touched
     JOIN file f ON f.tenant_id = $1 AND f.id = touched.id AND f.swept_at IS NULL
     CROSS JOIN LATERAL (
       SELECT json_agg(v.partition ORDER BY v.partition) AS stay
       FROM extent e JOIN version v ON v.tenant_id = $1 AND v.id = e.version_id
       WHERE e.tenant_id = $1 AND e.file_id = f.id AND v.erased_by IS NULL
     ) AS s
     WHERE s.stay IS NOT NULL
     ORDER BY f.id`,
    [session.tenant.id, erasureId],
  )
}

/** Has the versions that stay read their rows from a copy without the others. */
export async function replaceFile(
  session: TenantSession,
  erasureId: string,
  shared: SharedFile,
  copy: Omit<PublishedFile, 'role'>,
): Promise<void> {
  await session.query(
    `WITH new_file AS (
       INSERT INTO file (tenant_id, dataset, path, size_bytes, sha256, rows)
       VALUES ($1, $4, $5, $6, $7, $8) RETURNING id
     ), moved AS (
       UPDATE extent e SET file_id = new_file.id FROM new_file, version v
       WHERE e.tenant_id = $1 AND e.file_id = $3 AND v.tenant_id = $1 AND v.id = e.version_id
         AND v.erased_by IS NULL
     )
     UPDATE file SET swept_at = millrace_now(), erased_by = $2
     WHERE tenant_id = $1 AND id = $3`,
    [
      session.tenant.id,
      erasureId,
      shared.id,
      shared.dataset,
      copy.path,
      copy.sizeBytes,
      copy.sha256,
      copy.rows,
    ],
  )
}

/** Every file that an erasure took out of the lake. */
export async function erasedFiles(
  session: TenantSession,
  erasureId: string,
): Promise<CatalogFile[]> {
  return session.query<CatalogFile>(
    `SELECT id, path, size_bytes AS "sizeBytes", sha256 FROM file
     WHERE tenant_id = $1 AND erased_by = $2 ORDER BY id`,
    [session.tenant.id, erasureId],
  )
}

/** Datasets of which files are there. */
export async function storedDatasets(session: TenantSession): Promise<string[]> {
  const rows = await session.query<{ dataset: string }>(
    `SELECT DISTINCT dataset FROM file WHERE tenant_id = $1 AND swept_at IS NULL ORDER BY dataset`,
    [session.tenant.id],
  )
  return rows.map(({ dataset }) => dataset)
}

export interface MadeVersion {
  readonly id: number
  readonly partition: PartitionKey
  readonly isCurrent: boolean
  readonly isOlder: boolean
  /** Partitions that it was computed from: `dataset partition`. */
  readonly inputs: readonly string[]
}

/** Versions of a computed dataset whose files are there; `isOlder`: from before the sources were rewritten. */
export async function madeVersions(
  session: TenantSession,
  dataset: string,
  erasureId: string,
  page: { readonly after: number; readonly limit: number },
): Promise<MadeVersion[]> {
  return session.query<MadeVersion>(
    `SELECT v.id, v.partition,
       EXISTS (
         SELECT FROM partition_pointer p
         WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = v.dataset
           AND p.partition = v.partition AND p.version_id = v.id
       ) AS "isCurrent",
       v.created_at < x.rewritten_at AS "isOlder",
       ARRAY(
         SELECT DISTINCT (i ->> 'dataset') || ' ' || (i ->> 'partition')
         FROM jsonb_array_elements(v.inputs) AS i
       ) AS inputs
     FROM version v JOIN erasure x ON x.tenant_id = $1 AND x.id = $3
     WHERE v.tenant_id = $1 AND v.dataset = $2 AND v.id > $4 AND v.erased_by IS NULL
       AND EXISTS (
         SELECT FROM extent e JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
         WHERE e.tenant_id = $1 AND e.version_id = v.id AND f.swept_at IS NULL)
     ORDER BY v.id LIMIT $5`,
    [session.tenant.id, dataset, erasureId, page.after, page.limit],
  )
}
