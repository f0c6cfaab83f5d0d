import { fixesOf, fixNames } from '#catalog/fixes.ts'
import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import { actionDigest, type MendNames, type Mends, type RepairRule } from '#model/mend.ts'
import type { PartitionKey } from '#model/partition-key.ts'

export interface RepairRow {
  readonly id: string
  readonly name: string
  readonly dataset: string
  readonly column: string
  readonly rule: RepairRule
  /** `ending`: it works still, and no longer after the next replay. */
  readonly state: 'pending' | 'applied' | 'ending'
  readonly createdAt: Date
  readonly createdBy: string
  readonly appliedAt: Date | null
}

const COLUMNS = `id, name, dataset, column_name AS "column", rule, state, created_at AS "createdAt",
  created_by AS "createdBy", applied_at AS "appliedAt"`

/** Throws `repair-exists`. */
export async function createRepair(
  session: TenantSession,
  repair: Pick<RepairRow, 'id' | 'name' | 'dataset' | 'column' | 'rule' | 'createdBy'>,
): Promise<RepairRow> {
  const [made] = await session.query<RepairRow>(
    `INSERT INTO repair (tenant_id, id, name, dataset, column_name, rule, created_by)
     VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT (tenant_id, name) DO NOTHING RETURNING ${COLUMNS}`,
    [
      session.tenant.id,
      repair.id,
      repair.name,
      repair.dataset,
      repair.column,
      toJson(repair.rule),
      repair.createdBy,
    ],
  )
  if (!made) throw new MillraceError('repair-exists', { repair: repair.name })
  return made
}

/** In the order in which they work. */
export async function listRepairs(
  session: TenantSession,
  asked: { readonly dataset: string | null; readonly after: string; readonly limit: number },
): Promise<RepairRow[]> {
  return session.query<RepairRow>(
    `SELECT ${COLUMNS} FROM repair
     WHERE tenant_id = $1 AND id > $2 AND ($3::text IS NULL OR dataset = $3) ORDER BY id LIMIT $4`,
    [session.tenant.id, asked.after, asked.dataset, asked.limit],
  )
}

/** A pending one is gone at once, an applied one with the next replay. Throws `repair-unknown`. */
export async function endRepair(session: TenantSession, name: string): Promise<RepairRow> {
  const [gone] = await session.query<RepairRow>(
    `DELETE FROM repair WHERE tenant_id = $1 AND name = $2 AND state = 'pending'
     RETURNING ${COLUMNS}`,
    [session.tenant.id, name],
  )
  if (gone) return gone
  const [ending] = await session.query<RepairRow>(
    `UPDATE repair SET state = 'ending' WHERE tenant_id = $1 AND name = $2 RETURNING ${COLUMNS}`,
    [session.tenant.id, name],
  )
  if (!ending) throw new MillraceError('repair-unknown', { repair: name })
  return ending
}

/** What is pending works from now on, and what was ending does no longer. Returns how many that were. */
export async function applyRepairs(session: TenantSession, dataset: string): Promise<number> {
  const place = [session.tenant.id, dataset]
  const ended = await session.query(
    `DELETE FROM repair WHERE tenant_id = $1 AND dataset = $2 AND state = 'ending' RETURNING id`,
    place,
  )
  const applied = await session.query(
    `UPDATE repair SET state = 'applied', applied_at = millrace_now()
     WHERE tenant_id = $1 AND dataset = $2 AND state = 'pending' RETURNING id`,
    place,
  )
  return ended.length + applied.length
}

/** How many repairs of a source the next replay changes. */
export async function pendingRepairs(session: TenantSession, dataset: string): Promise<number> {
  const [row] = await session.query<{ n: number }>(
    `SELECT count(*) AS n FROM repair WHERE tenant_id = $1 AND dataset = $2 AND state <> 'applied'`,
    [session.tenant.id, dataset],
  )
  return Number(row?.n ?? 0)
}

async function repairsOf(
  session: TenantSession,
  dataset: string,
  pending: boolean,
): Promise<Pick<RepairRow, 'column' | 'rule'>[]> {
  const states = pending ? ['pending', 'applied'] : ['applied', 'ending']
  return session.query(
    `SELECT column_name AS "column", rule FROM repair
     WHERE tenant_id = $1 AND dataset = $2 AND state = ANY ($3) ORDER BY id`,
    [session.tenant.id, dataset, states],
  )
}

/** What a partition is read with; `pending`: as if everything that waits were applied. Null: nothing. */
export async function loadMends(
  session: TenantSession,
  dataset: string,
  partition: PartitionKey,
  { pending }: { readonly pending: boolean },
): Promise<Mends | null> {
  const repairs = await repairsOf(session, dataset, pending)
  const fixes = await fixesOf(session, dataset, partition, pending)
  return repairs.length + fixes.length === 0 ? null : { repairs, fixes }
}

/** Which mends the partitions of a source are read with now. */
export async function loadMendNames(session: TenantSession, dataset: string): Promise<MendNames> {
  const repairs = await repairsOf(session, dataset, false)
  return { repairs: repairs.map(actionDigest), fixes: await fixNames(session, dataset) }
}
