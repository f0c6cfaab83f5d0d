import type { TenantSession } from '#catalog/session.ts'
import type { CheckOutcome } from '#model/outcome.ts'

/** Check results parallel to the ids, in the order of the definition. */
export async function checkResults(
  session: TenantSession,
  versionIds: readonly number[],
): Promise<CheckOutcome[][]> {
  const rows = await session.query<{ results: CheckOutcome[] }>(
    `SELECT (
       SELECT coalesce(json_agg(json_build_object('name', c.name, 'severity', c.severity,
         'passed', c.passed, 'failingRows', c.failing_rows, 'message', c.message)
         ORDER BY c.ordinal), '[]')
       FROM check_result c WHERE c.tenant_id = $1 AND c.version_id = asked.id
     ) AS results
     FROM unnest($2::bigint[]) WITH ORDINALITY AS asked (id, place)
     ORDER BY asked.place`,
    [session.tenant.id, versionIds],
  )
  return rows.map(({ results }) => results)
}
