import type { TenantSession } from '#catalog/session.ts'

export interface DayCost {
  readonly dataset: string
  /** `2026-11-22`, in UTC. */
  readonly day: string
  readonly tasks: number
  readonly wallMs: number
  readonly cpuMs: number
  readonly readBytes: number
  readonly writtenBytes: number
}

/**
 * What the attempts of these datasets that ended well have cost, today and on so many days before it;
 * by dataset and day. Reads the index of costs, dataset by dataset.
 */
export async function costsByDay(
  session: TenantSession,
  datasets: readonly string[],
  daysBefore: number,
): Promise<DayCost[]> {
  return session.query<DayCost>(
    `SELECT asked.dataset, c.*
     FROM unnest($2::text[]) AS asked (dataset)
     CROSS JOIN LATERAL (
       SELECT (a.ended_at AT TIME ZONE 'UTC')::date::text AS day, count(*)::int AS tasks,
         sum((a.cost ->> 'wallMs')::double precision) AS "wallMs",
         sum((a.cost ->> 'cpuMs')::double precision) AS "cpuMs",
         sum((a.cost ->> 'readBytes')::double precision)::bigint AS "readBytes",
         sum((a.cost ->> 'writtenBytes')::double precision)::bigint AS "writtenBytes"
       FROM attempt a
       WHERE a.tenant_id = $1 AND a.dataset = asked.dataset AND a.state = 'done'
         AND a.cost IS NOT NULL
         AND a.ended_at >= (usage_today() - $3::int)::timestamp AT TIME ZONE 'UTC'
       GROUP BY 1
     ) AS c
     ORDER BY asked.dataset, c.day`,
    [session.tenant.id, datasets, daysBefore],
  )
}
