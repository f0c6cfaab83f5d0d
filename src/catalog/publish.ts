import { noteCommit } from '#catalog/commit-notes.ts'
import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import type { StoredError } from '#catalog/stored-error.ts'
import { holdLeases } from '#catalog/task-ends.ts'
import { assertRoom } from '#catalog/usage.ts'
import type { PublishedPartition } from '#model/run.ts'

export interface PublishRequest {
  /** `main` until branches come. */
  readonly environment: string
  readonly dataset: string
  readonly runId: string
  /**
   * Adopted files, durable already. The rows of every partition lie in the data files; a quarantine
   * file belongs to all partitions of the request.
   */
  readonly files: readonly PublishedFile[]
  readonly partitions: readonly PublishedPartition[]
}

export interface PublishedFile {
  /** Relative to the lake. */
  readonly path: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly rows: number
  readonly role: 'data' | 'quarantine'
}

export interface Publication {
  /** Null when every partition was held: nothing became visible. */
  readonly commitNumber: number | null
  /** Parallel to the request's partitions. */
  readonly versionIds: readonly number[]
}

/**
 * Makes the partitions visible and ends their tasks `done` (or `held`), in the caller's transaction:
 * versions, extents and check results in, pointers moved, dependents released or skipped, the
 * tenant's next commit number taken, the run ended with its last task.
 *
 * Fenced: throws `lease-lost` when one of the tasks is no longer ours, and changes nothing then.
 * Throws `quota-exceeded` when the files are more than the tenant may store.
 */
export async function publish(
  session: TenantSession,
  request: PublishRequest,
): Promise<Publication> {
  const { partitions } = request
  await holdLeases(session, request.runId, partitions)
  const isVisible = partitions.some(({ held }) => !held)
  const commitNumber = isVisible ? await nextCommit(session) : null
  await assertRoom(
    session,
    request.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  )
  const ids = await insertVersions(session, request, commitNumber)
  await session.query('SELECT tasks_end($1, $2, $3)', [
    session.tenant.id,
    request.runId,
    toJson(
      partitions.map(({ taskId, held, rows, cost, checks }) => ({
        id: taskId,
        state: held ? 'held' : 'done',
        rows,
        cost,
        error: held ? heldError(request.dataset, checks) : undefined,
      })),
    ),
  ])
  return { commitNumber, versionIds: ids }
}

/** The row lock of the tenant orders its publishes, so that pointers read after it are the newest. */
export async function nextCommit(session: TenantSession): Promise<number> {
  noteCommit(session)
  const [row] = await session.query<{ number: number }>(
    'UPDATE tenant SET last_commit = last_commit + 1 WHERE id = $1 RETURNING last_commit AS number',
    [session.tenant.id],
  )
  return row?.number as number
}

function heldError(dataset: string, checks: PublishedPartition['checks']): StoredError {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'blocking')
  return {
    code: 'check-failed',
    details: {
      dataset,
      checks: failed.map(({ name, message }) => `${name}: ${message}`).join('; '),
    },
  }
}

/**
 * Everything that a publish writes but the end of its tasks, in one statement. `LATERAL … OFFSET 0`
 * keeps look-ups by key what they are, whatever the planner believes of tables that just grew.
 */
async function insertVersions(
  session: TenantSession,
  request: PublishRequest,
  commitNumber: number | null,
): Promise<number[]> {
  const [row] = await session.query<{ ids: number[] }>(INSERT_VERSIONS, [
    session.tenant.id,
    request.environment,
    request.dataset,
    request.runId,
    commitNumber,
    toJson(request.partitions.map((partition, place) => ({ place, ...partition }))),
    toJson(request.files.map((file, ordinal) => ({ ordinal, ...file }))),
  ])
  return row?.ids ?? []
}

const INSERT_VERSIONS = `
  WITH given AS MATERIALIZED (
    SELECT *
    FROM jsonb_to_recordset($6) AS p (
      place int, "taskId" bigint, fence bigint, partition text, fingerprint text,
      "codeVersion" text, "dataVersion" text, rows bigint, columns jsonb, checks jsonb, held boolean,
      observed jsonb, inputs jsonb, origin jsonb)
  ), former AS MATERIALIZED (
    SELECT g.partition, p.version_id AS id
    FROM given g
    CROSS JOIN LATERAL (
      SELECT version_id FROM partition_pointer
      WHERE tenant_id = $1 AND environment = $2 AND dataset = $3 AND partition = g.partition
        AND version_id IS NOT NULL OFFSET 0
    ) AS p
  ), new_version AS (
    INSERT INTO version (tenant_id, dataset, partition, fingerprint, code_version, data_version,
      rows, columns, observed, origin, inputs, run_id, task_id, fence, state, previous_version_id,
      commit_number, published_at)
    SELECT $1, $3, g.partition, g.fingerprint, g."codeVersion", g."dataVersion", g.rows, g.columns,
      g.observed, g.origin, g.inputs, $4, g."taskId", g.fence,
      CASE WHEN g.held THEN 'held' ELSE 'published' END, former.id,
      CASE WHEN g.held THEN NULL ELSE $5::bigint END,
      CASE WHEN g.held THEN NULL ELSE millrace_now() END
    FROM given g LEFT JOIN former ON former.partition = g.partition
    RETURNING *
  ), new_file AS (
    INSERT INTO file (tenant_id, dataset, path, size_bytes, sha256, rows)
    SELECT $1, $3, f.path, f."sizeBytes", f.sha256, f.rows
    FROM jsonb_to_recordset($7) AS f (path text, "sizeBytes" bigint, sha256 text, rows bigint)
    RETURNING id, path, rows
  ), new_extent AS (
    INSERT INTO extent (tenant_id, version_id, ordinal, file_id, role, rows)
    SELECT $1, v.id, f.ordinal, new_file.id, f.role,
      CASE f.role WHEN 'data' THEN v.rows ELSE new_file.rows END
    FROM new_version v
    CROSS JOIN jsonb_to_recordset($7) AS f (ordinal int, path text, role text)
    JOIN new_file ON new_file.path = f.path
    WHERE f.role = 'quarantine' OR v.rows > 0
  ), new_check AS (
    INSERT INTO check_result
      (tenant_id, version_id, ordinal, name, severity, passed, failing_rows, message)
    SELECT $1, v.id, c.ordinal, c.result ->> 'name', c.result ->> 'severity',
      (c.result ->> 'passed')::boolean, (c.result ->> 'failingRows')::bigint, c.result ->> 'message'
    FROM given g
    JOIN new_version v ON v.partition = g.partition
    CROSS JOIN jsonb_array_elements(g.checks) WITH ORDINALITY AS c (result, ordinal)
  ), retired AS (
    UPDATE version v SET retired_at = millrace_now()
    FROM former JOIN given g ON g.partition = former.partition AND NOT g.held
    WHERE v.tenant_id = $1 AND v.id = former.id
  ), moved AS (
    INSERT INTO partition_pointer AS p (environment, tenant_id, dataset, partition, version_id,
      commit_number, fingerprint, code_version, data_version, has_observed)
    SELECT $2, $1, $3, v.partition, v.id, $5, v.fingerprint, v.code_version, v.data_version,
      v.observed IS NOT NULL
    FROM new_version v WHERE v.state = 'published'
    ON CONFLICT (tenant_id, environment, dataset, partition) DO UPDATE
    SET version_id = excluded.version_id, commit_number = excluded.commit_number,
      fingerprint = excluded.fingerprint, code_version = excluded.code_version,
      data_version = excluded.data_version, has_observed = excluded.has_observed,
      undone_run = NULL, failed_task_id = NULL, failed_state = NULL, failed_error = NULL
  ), seen AS (
    INSERT INTO source_object (tenant_id, dataset, partition, location, etag, size_bytes,
      modified_at, sha256, checked_at)
    SELECT $1, $3, v.partition, v.origin ->> 'location', v.origin ->> 'etag',
      (v.origin ->> 'sizeBytes')::bigint, (v.origin ->> 'modifiedAt')::timestamptz,
      v.origin ->> 'sha256', millrace_now()
    FROM new_version v WHERE v.origin IS NOT NULL
    ON CONFLICT (tenant_id, dataset, partition) DO UPDATE
    SET location = excluded.location, etag = excluded.etag, size_bytes = excluded.size_bytes,
      modified_at = excluded.modified_at, sha256 = excluded.sha256, checked_at = excluded.checked_at
  ), told AS (
    SELECT CASE v.state WHEN 'held' THEN 'partition.held' ELSE 'partition.published' END AS kind,
      jsonb_strip_nulls(jsonb_build_object('dataset', $3::text, 'run', $4::text,
        'commit', CASE v.state WHEN 'held' THEN NULL ELSE $5::bigint END,
        'partitions', jsonb_agg(v.partition ORDER BY v.partition))) AS payload
    FROM new_version v GROUP BY v.state
  ), quarantined AS (
    SELECT (SELECT coalesce(sum(f.rows), 0)::bigint
        FROM jsonb_to_recordset($7) AS f (role text, rows bigint) WHERE f.role = 'quarantine') AS rows,
      (SELECT coalesce(sum(q.rows), 0)::bigint FROM (
        SELECT DISTINCT e.file_id, e.rows FROM former
        CROSS JOIN LATERAL (
          SELECT x.file_id, x.rows FROM extent x
          WHERE x.tenant_id = $1 AND x.version_id = former.id AND x.role = 'quarantine' OFFSET 0
        ) AS e) AS q) AS before
  ), grew AS (
    SELECT 'quarantine.grew', jsonb_build_object('dataset', $3::text, 'run', $4::text,
      'rows', q.rows, 'before', q.before,
      'partitions', (SELECT jsonb_agg(g.partition ORDER BY g.partition) FROM given g))
    FROM quarantined q WHERE q.rows > q.before
  ), noted AS (
    INSERT INTO outbox (tenant_id, kind, payload)
    SELECT $1, e.* FROM (SELECT * FROM told UNION ALL SELECT * FROM grew) AS e
  )
  SELECT json_agg(v.id ORDER BY g.place) AS ids
  FROM given g JOIN new_version v ON v.partition = g.partition`
