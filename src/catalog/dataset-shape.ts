import type { TenantSession } from '#catalog/session.ts'
import type { ResultColumn } from '#model/outcome.ts'

/** Of the version that was published last; null: nothing is. */
export async function newestColumns(
  session: TenantSession,
  dataset: string,
): Promise<readonly ResultColumn[] | null> {
  const [row] = await session.query<{ columns: ResultColumn[] }>(
    `SELECT v.columns FROM partition_pointer p
     JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = $2
     ORDER BY p.partition DESC LIMIT 1`,
    [session.tenant.id, dataset],
  )
  return row?.columns ?? null
}

/** How a check came out on the newest partitions. */
export interface CheckTrend {
  readonly name: string
  readonly looked: number
  readonly failed: number
  /** What it found in the newest partition that breaks it; null: none does. */
  readonly message: string | null
}

const LOOKED = 36

export async function checkTrend(session: TenantSession, dataset: string): Promise<CheckTrend[]> {
  return session.query<CheckTrend>(
    `SELECT r.name, count(*)::int AS looked, (count(*) FILTER (WHERE NOT r.passed))::int AS failed,
       (array_agg(r.message ORDER BY p.partition DESC) FILTER (WHERE NOT r.passed))[1] AS message
     FROM (
       SELECT partition, version_id FROM partition_pointer
       WHERE tenant_id = $1 AND environment = 'main' AND dataset = $2 AND version_id IS NOT NULL
       ORDER BY partition DESC LIMIT ${LOOKED}
     ) AS p
     JOIN check_result r ON r.tenant_id = $1 AND r.version_id = p.version_id
     GROUP BY r.name`,
    [session.tenant.id, dataset],
  )
}
