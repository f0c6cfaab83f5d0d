import type { TenantSession } from '#catalog/session.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface HeldReasons {
  readonly dataset: string
  readonly partition: PartitionKey
  readonly quarantined: number
  readonly reasons: { readonly reason: string; readonly rows: number }[]
}

/** Published partitions of these sources that hold rows back, behind a place, by dataset and key. */
export async function heldReasons(
  session: TenantSession,
  datasets: readonly string[],
  after: { readonly dataset: string; readonly partition: PartitionKey },
  limit: number,
): Promise<HeldReasons[]> {
  return session.query<HeldReasons>(
    `SELECT p.dataset, p.partition, (v.origin ->> 'quarantined')::int AS quarantined,
       v.origin -> 'reasons' AS reasons
     FROM partition_pointer p JOIN version v ON v.tenant_id = $1 AND v.id = p.version_id
     WHERE p.tenant_id = $1 AND p.environment = 'main' AND p.dataset = ANY ($2)
       AND (p.dataset, p.partition) > ($3, $4) AND (v.origin ->> 'quarantined')::bigint > 0
     ORDER BY p.dataset, p.partition LIMIT $5`,
    [session.tenant.id, datasets, after.dataset, after.partition, limit],
  )
}
