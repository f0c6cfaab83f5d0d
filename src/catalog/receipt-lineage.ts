import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'
import type { SourceOrigin } from '#model/run.ts'

/** What the catalog knows of one version that an answer was read from, or that led to it. */
export interface VersionFacts {
  readonly id: number
  readonly dataset: string
  readonly partition: PartitionKey
  readonly dataVersion: string
  readonly codeVersion: string
  readonly rows: number
  readonly runId: string
  /** Null: it was held, or is not published yet. */
  readonly commitNumber: number | null
  readonly publishedAt: Date | null
  /** Sources: the object that it was read from. */
  readonly origin: SourceOrigin | null
  /** It is what the partition's pointer names now. */
  readonly isCurrent: boolean
  /** Null: its files are there. */
  readonly sweptAt: Date | null
  readonly isErased: boolean
  /** Checks that did not pass, and how many there were. */
  readonly checksFailed: number
  readonly checks: number
}

/** In the order of the ids; versions of other tenants, and those that never were, are left out. */
export async function versionFacts(
  session: TenantSession,
  ids: readonly number[],
): Promise<VersionFacts[]> {
  return session.query<VersionFacts>(
    `SELECT v.id, v.dataset, v.partition, v.data_version AS "dataVersion",
       v.code_version AS "codeVersion", v.rows, v.run_id AS "runId",
       v.commit_number AS "commitNumber", v.published_at AS "publishedAt", v.origin,
       v.erased_by IS NOT NULL AS "isErased",
       EXISTS (SELECT FROM partition_pointer p
         WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = v.dataset
           AND p.partition = v.partition AND p.version_id = v.id) AS "isCurrent",
       (SELECT min(f.swept_at) FROM extent e JOIN file f ON f.tenant_id = $1 AND f.id = e.file_id
        WHERE e.tenant_id = $1 AND e.version_id = v.id AND e.role = 'data') AS "sweptAt",
       (SELECT count(*) FROM check_result c
        WHERE c.tenant_id = $1 AND c.version_id = v.id AND NOT c.passed) AS "checksFailed",
       (SELECT count(*) FROM check_result c
        WHERE c.tenant_id = $1 AND c.version_id = v.id) AS checks
     FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, place)
     JOIN version v ON v.tenant_id = $1 AND v.id = asked.id
     ORDER BY asked.place`,
    [session.tenant.id, ids],
  )
}

/**
 * Ids of the versions themselves and of all that they were computed from, at most `most` of them: an
 * input is the version that its partition's pointer named when the reader was published.
 */
export async function lineageOf(
  session: TenantSession,
  ids: readonly number[],
  most: number,
): Promise<number[]> {
  const rows = await session.query<{ id: number }>(
    `WITH RECURSIVE led AS (
       SELECT unnest($2::bigint[]) AS id
       UNION
       SELECT moved.version_id
       FROM led
       JOIN version v ON v.tenant_id = $1 AND v.id = led.id
       CROSS JOIN LATERAL (
         SELECT DISTINCT i ->> 'dataset' AS dataset, i ->> 'partition' AS partition
         FROM jsonb_array_elements(v.inputs) AS i
       ) AS input
       CROSS JOIN LATERAL (
         SELECT m.version_id FROM pointer_move m
         WHERE m.tenant_id = $1 AND m.environment = 'main' AND m.dataset = input.dataset
           AND m.partition = input.partition AND m.commit_number <= v.commit_number
           AND m.version_id IS NOT NULL AND m.version_id <> v.id
         ORDER BY m.commit_number DESC LIMIT 1
       ) AS moved
     )
     SELECT id FROM led LIMIT $3`,
    [session.tenant.id, ids, most],
  )
  return rows.map(({ id }) => id)
}

/**
 * One version of each partition, the newest: a part that a later version left as it was still names
 * the former one as its input.
 */
export function newestOf(facts: readonly VersionFacts[]): VersionFacts[] {
  const newest = new Map<string, VersionFacts>()
  for (const one of facts) {
    const name = `${one.dataset} ${one.partition}`
    const known = newest.get(name)
    if (!known || (known.commitNumber ?? 0) < (one.commitNumber ?? 0)) newest.set(name, one)
  }
  return [...newest.values()]
}
