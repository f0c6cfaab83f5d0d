import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

/** What a code of a dataset has computed for the tenant. */
export interface CodeUse {
  readonly codeVersion: string
  /** Partitions that are published as it computed them. */
  readonly current: number
  /** Versions that it has computed, and when first and last. */
  readonly versions: number
  readonly firstAt: Date
  readonly lastAt: Date
}

export async function codeUses(session: TenantSession, dataset: string): Promise<CodeUse[]> {
  return session.query<CodeUse>(
    `SELECT v.code_version AS "codeVersion", count(*)::int AS versions, min(m.at) AS "firstAt",
       max(m.at) AS "lastAt",
       (SELECT count(*)::int FROM partition_pointer p
        WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2
          AND p.code_version = v.code_version AND p.version_id IS NOT NULL) AS current
     FROM pointer_move m JOIN version v ON v.tenant_id = $1 AND v.id = m.version_id
     WHERE m.tenant_id = $1 AND m.environment = 'main' AND m.dataset = $2
     GROUP BY v.code_version ORDER BY min(m.at) DESC`,
    [session.tenant.id, dataset],
  )
}

/** A partition that came from one code to another. */
export interface CodeMove {
  readonly partition: PartitionKey
  readonly commitNumber: number
  readonly at: Date
  readonly runId: string
  readonly rows: number
  /** Null: it was published for the first time, or after nothing was. */
  readonly formerRows: number | null
  readonly formerCommit: number | null
  readonly isSame: boolean
}

export interface CodeEffect {
  readonly partitions: number
  /** Of these: those whose rows are the same as before, and those that nothing stood before. */
  readonly same: number
  readonly first: number
  readonly moves: readonly CodeMove[]
}

/** The first publish of each partition under a code, the newest period first; counts are of all. */
export async function codeEffect(
  session: TenantSession,
  asked: {
    readonly dataset: string
    readonly codeVersion: string
    readonly after: string | null
    readonly limit: number
  },
): Promise<CodeEffect> {
  const { dataset, codeVersion, after, limit } = asked
  const moves = `SELECT DISTINCT ON (m.partition) m.partition, m.commit_number AS "commitNumber", m.at,
       v.run_id AS "runId", v.rows, before.rows AS "formerRows",
       before.commit_number AS "formerCommit", coalesce(before.data_version = v.data_version, false) AS "isSame"
     FROM pointer_move m JOIN version v ON v.tenant_id = $1 AND v.id = m.version_id
     LEFT JOIN LATERAL (
       SELECT f.commit_number, w.rows, w.data_version FROM pointer_move f
       JOIN version w ON w.tenant_id = $1 AND w.id = f.version_id
       WHERE f.tenant_id = $1 AND f.environment = 'main' AND f.dataset = $2
         AND f.partition = m.partition AND f.commit_number < m.commit_number
       ORDER BY f.commit_number DESC LIMIT 1
     ) AS before ON true
     WHERE m.tenant_id = $1 AND m.environment = 'main' AND m.dataset = $2 AND v.code_version = $3
     ORDER BY m.partition, m.commit_number`
  const values = [session.tenant.id, dataset, codeVersion]
  const [counts] = await session.query<Omit<CodeEffect, 'moves'>>(
    `SELECT count(*)::int AS partitions, (count(*) FILTER (WHERE "isSame"))::int AS same,
       (count(*) FILTER (WHERE "formerCommit" IS NULL))::int AS first FROM (${moves}) AS moved`,
    values,
  )
  const page = await session.query<CodeMove>(
    `SELECT * FROM (${moves}) AS moved WHERE $4::text IS NULL OR partition < $4
     ORDER BY partition DESC LIMIT $5`,
    [...values, after, limit],
  )
  return { ...(counts ?? { partitions: 0, same: 0, first: 0 }), moves: page }
}
