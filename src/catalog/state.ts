import type { TenantSession } from '#catalog/session.ts'
import { readError, type StoredError } from '#catalog/stored-error.ts'
import type { DatasetState } from '#model/dataset-state.ts'
import type { ObservedValue } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { VersionInput } from '#model/run.ts'

interface StateRow {
  readonly dataset: string
  readonly keys: PartitionKey[]
  readonly versionIds: string
  readonly fingerprints: string
  readonly codeVersions: string
  readonly dataVersions: string
  readonly undone: string
  readonly failures: { partition: PartitionKey; state: 'failed' | 'held'; error: StoredError }[]
  readonly observed: { partition: PartitionKey; values: ObservedValue[] }[]
}

/**
 * What the tenant has of these datasets, in their order, all from one statement: one consistent
 * moment. Columns travel as one text each, which is several times faster than rows or arrays.
 */
export async function loadState(
  session: TenantSession,
  datasets: readonly string[],
): Promise<DatasetState[]> {
  const rows = await session.query<StateRow>(
    `SELECT asked.dataset, s.*, f.failures, o.observed
     FROM unnest($2::text[]) WITH ORDINALITY AS asked (dataset, place)
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(partition), '[]') AS keys,
         string_agg(coalesce(version_id::text, ''), ',') AS "versionIds",
         string_agg(coalesce(fingerprint, ''), ',') AS fingerprints,
         string_agg(coalesce(code_version, ''), ',') AS "codeVersions",
         string_agg(coalesce(data_version, ''), ',') AS "dataVersions",
         string_agg(CASE WHEN undone_run IS NULL THEN '' ELSE '1' END, ',') AS undone
       FROM (
         SELECT * FROM partition_pointer p
         WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = asked.dataset
           AND (p.version_id IS NOT NULL OR p.undone_run IS NOT NULL)
         ORDER BY p.partition
       ) AS pointed
     ) AS s
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object(
         'partition', p.partition, 'state', p.failed_state, 'error', p.failed_error)
         ORDER BY p.partition), '[]') AS failures
       FROM partition_pointer p
       WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = asked.dataset
         AND p.failed_state IS NOT NULL
     ) AS f
     CROSS JOIN LATERAL (
       SELECT coalesce(json_agg(json_build_object('partition', p.partition, 'values',
           -- A subquery, not a join: by index, whatever the planner believes about the tables.
           (SELECT v.observed FROM version v WHERE v.tenant_id = $1 AND v.id = p.version_id))
         ORDER BY p.partition), '[]') AS observed
       FROM partition_pointer p
       WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = asked.dataset
         AND p.has_observed
     ) AS o
     ORDER BY asked.place`,
    [session.tenant.id, datasets],
  )
  return rows.map(toState)
}

function toState(row: StateRow): DatasetState {
  const split = (text: string): string[] => (row.keys.length === 0 ? [] : text.split(','))
  const orNull = (text: string): string | null => (text === '' ? null : text)
  return {
    dataset: row.dataset,
    keys: row.keys,
    versionIds: split(row.versionIds).map((id) => (id === '' ? null : Number(id))),
    fingerprints: split(row.fingerprints).map(orNull),
    dataVersions: split(row.dataVersions).map(orNull),
    codeVersions: split(row.codeVersions).map(orNull),
    undone: split(row.undone).map((flag) => flag !== ''),
    failures: row.failures.map(({ partition, state, error }) => ({
      partition,
      state,
      message: readError(error)?.message ?? '',
    })),
    observed: row.observed,
  }
}

/** What each version was computed from, parallel to the ids; empty for one that is unknown. */
export async function loadInputs(
  session: TenantSession,
  versionIds: readonly number[],
): Promise<VersionInput[][]> {
  const rows = await session.query<{ inputs: VersionInput[] | null }>(
    `SELECT v.inputs
     FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, place)
     LEFT JOIN version v ON v.tenant_id = $1 AND v.id = asked.id
     ORDER BY asked.place`,
    [session.tenant.id, versionIds],
  )
  return rows.map(({ inputs }) => inputs ?? [])
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
  session: TenantSession,
  dataset: string,
): Promise<PartitionRow[]> {
  return session.query<PartitionRow>(
    `SELECT p.partition, v.id AS "versionId", v.rows, v.data_version AS "dataVersion",
       v.published_at AS "publishedAt", v.run_id AS "runId", p.commit_number AS "commitNumber"
     FROM partition_pointer p
     CROSS JOIN LATERAL (
       SELECT * FROM version WHERE tenant_id = $1 AND id = p.version_id OFFSET 0
     ) AS v
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2
     ORDER BY p.partition`,
    [session.tenant.id, dataset],
  )
}
