import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/**
 * Changes whenever the state of any partition may have changed: what is published, what runs have
 * come to, what is declared harmless. Reads counters only, however many partitions there are.
 */
export async function matrixRevision(
  session: TenantSession,
): Promise<{ readonly commit: number; readonly revision: string }> {
  const [row] = await session.query<{ commit: number; revision: string }>(
    `SELECT t.last_commit AS commit, concat_ws(' ', t.last_commit, r.newest, o.counts, q.claims, a.codes)
       AS revision
     FROM tenant t
     CROSS JOIN (SELECT max(id) AS newest FROM run WHERE tenant_id = $1) AS r
     CROSS JOIN (
       SELECT md5(string_agg(concat_ws('/', d.run_id, d.dataset, d.total, d.released, d.done, d.unchanged,
         d.held, d.failed, d.skipped, d.cancelled), ' ' ORDER BY d.run_id, d.rank)) AS counts
       FROM run JOIN run_dataset d ON d.tenant_id = $1 AND d.run_id = run.id
       WHERE run.tenant_id = $1 AND run.state = 'running'
     ) AS o
     CROSS JOIN (
       SELECT concat_ws('/', count(*), max(fence)) AS claims FROM task
       WHERE tenant_id = $1 AND state = 'running'
     ) AS q
     CROSS JOIN (
       SELECT concat_ws('/', count(*), max(accepted_at), max(withdrawn_at)) AS codes
       FROM code_acceptance
     ) AS a
     WHERE t.id = $1`,
    [session.tenant.id],
  )
  return row ?? { commit: 0, revision: '' }
}

/** Partitions of one dataset that tasks of a run are to build and have not yet. */
export interface OpenBuilds {
  readonly runId: string
  readonly dataset: string
  readonly state: 'queued' | 'running'
  readonly partitions: readonly PartitionKey[]
}

/** Of runs that have not ended; the newest run first. */
export async function openBuilds(session: TenantSession): Promise<OpenBuilds[]> {
  return session.query<OpenBuilds>(
    `SELECT t.run_id AS "runId", t.dataset,
       CASE WHEN t.state = 'running' THEN 'running' ELSE 'queued' END AS state,
       json_agg(t.partition) AS partitions
     FROM run JOIN task t ON t.tenant_id = $1 AND t.run_id = run.id
     WHERE run.tenant_id = $1 AND run.state = 'running' AND t.kind = 'build'
       AND t.state IN ('waiting', 'ready', 'running')
     GROUP BY 1, 2, 3 ORDER BY 1 DESC`,
    [session.tenant.id],
  )
}

/** What is published of one partition. */
export interface SquareVersion {
  readonly versionId: number
  readonly rows: number
  readonly publishedAt: Date
  readonly runId: string
  readonly commitNumber: number
}

/** Parallel to the versions asked for; null for one that is not known any more. */
export async function squareVersions(
  session: TenantSession,
  versionIds: readonly (number | null)[],
): Promise<(SquareVersion | null)[]> {
  const rows = await session.query<Partial<SquareVersion>>(
    `SELECT v.id AS "versionId", v.rows, v.published_at AS "publishedAt", v.run_id AS "runId",
       v.commit_number AS "commitNumber"
     FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, place)
     LEFT JOIN version v ON v.tenant_id = $1 AND v.id = asked.id
     ORDER BY asked.place`,
    [session.tenant.id, versionIds],
  )
  return rows.map((row) => ((row.versionId ?? null) === null ? null : (row as SquareVersion)))
}
