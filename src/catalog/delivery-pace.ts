import type { TenantSession } from '#catalog/session.ts'

/** How fast the newest deliveries of a tenant were made. */
export interface DeliveryPace {
  /** How many were looked at. */
  readonly deliveries: number
  readonly bytes: number
  /** From their start, without the time for which they waited. */
  readonly seconds: number
}

export async function deliveryPace(
  session: TenantSession,
  { most }: { readonly most: number },
): Promise<DeliveryPace> {
  const [row] = await session.query<DeliveryPace>(
    `SELECT count(*)::int AS deliveries, coalesce(sum(size_bytes), 0)::float8 AS bytes,
       coalesce(sum(greatest(extract(epoch FROM ready_at - started_at), 0.05)), 0)::float8 AS seconds
     FROM (
       SELECT d.size_bytes, d.ready_at, t.started_at
       FROM (SELECT size_bytes, ready_at, task_id FROM delivery
             WHERE tenant_id = $1 ORDER BY id DESC LIMIT $2) AS d
       JOIN task t ON t.tenant_id = $1 AND t.id = d.task_id
       WHERE d.ready_at IS NOT NULL AND t.started_at IS NOT NULL AND t.started_at <= d.ready_at
     ) AS newest`,
    [session.tenant.id, most],
  )
  return row ?? { deliveries: 0, bytes: 0, seconds: 0 }
}
