import type { TenantSession } from '#catalog/session.ts'
import type { CheckOutcome } from '#model/outcome.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What one check found in one version. */
export interface VersionOutcome extends CheckOutcome {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly versionId: number
  readonly at: Date
  /** The same as text, with all its digits: places of lists are made of it. */
  readonly atText: string
  /** Held: a blocking check kept the version from being published. */
  readonly state: 'published' | 'held'
  readonly isCurrent: boolean
  readonly runId: string
}

/** Newest first, behind a place. */
export async function listOutcomes(
  session: TenantSession,
  asked: {
    readonly dataset: string
    readonly check: string | null
    readonly partition: PartitionKey | null
    readonly passed: boolean | null
    /** A day of a time zone, `2026-11-22`; null: any. */
    readonly day: { readonly date: string; readonly zone: string } | null
    readonly after: {
      readonly at: string
      readonly versionId: number
      readonly name: string
    } | null
    readonly limit: number
  },
): Promise<VersionOutcome[]> {
  const { dataset, check, partition, passed, day, after, limit } = asked
  return session.query<VersionOutcome>(
    // The page first: where the rows lie decides, not how many pointers there are.
    `SELECT v.*, coalesce(p.version_id = v."versionId", false) AS "isCurrent"
     FROM (
       SELECT v.dataset, v.partition, v.id AS "versionId", v.created_at AS at,
         v.created_at::text AS "atText", v.state, v.run_id AS "runId", c.name, c.severity, c.passed,
         c.failing_rows AS "failingRows", c.message
       FROM version v
       CROSS JOIN LATERAL (
         SELECT name, severity, passed, failing_rows, message FROM check_result
         WHERE tenant_id = $1 AND version_id = v.id AND ($4::text IS NULL OR name = $4)
           AND ($5::boolean IS NULL OR passed = $5)
         OFFSET 0
       ) AS c
       WHERE v.tenant_id = $1 AND v.dataset = $2 AND ($3::text IS NULL OR v.partition = $3)
         AND ($6::text IS NULL OR (v.created_at >= $6::timestamp AT TIME ZONE $7
           AND v.created_at < ($6::timestamp + interval '1 day') AT TIME ZONE $7))
         AND ($8::text IS NULL OR (v.created_at, v.id) < ($8::timestamptz, $9::bigint)
           OR (v.id = $9 AND c.name COLLATE "C" > $10::text))
       ORDER BY v.created_at DESC, v.id DESC, c.name COLLATE "C" LIMIT $11
     ) AS v
     LEFT JOIN LATERAL (
       SELECT version_id FROM partition_pointer
       WHERE tenant_id = $1 AND environment = 'main' AND dataset = $2 AND partition = v.partition
       OFFSET 0
     ) AS p ON true
     ORDER BY v.at DESC, v."versionId" DESC, v.name COLLATE "C"`,
    [
      session.tenant.id,
      dataset,
      partition,
      check,
      passed,
      day?.date ?? null,
      day?.zone ?? 'UTC',
      after?.at ?? null,
      after?.versionId ?? 0,
      after?.name ?? '',
      limit,
    ],
  )
}
