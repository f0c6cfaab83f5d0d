import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'

/** A place under a name, its secrets sealed. */
export interface StoredTarget {
  readonly name: string
  readonly kind: string
  readonly options: Readonly<Record<string, unknown>>
  readonly createdBy: string
  readonly createdAt: Date
  readonly changedAt: Date
}

const COLUMNS = `name, kind, options, created_by AS "createdBy", created_at AS "createdAt",
  changed_at AS "changedAt"`

/** Changes the one of that name, whatever its kind was. */
export async function saveTarget(
  session: TenantSession,
  target: Pick<StoredTarget, 'name' | 'kind' | 'options' | 'createdBy'>,
): Promise<StoredTarget> {
  const [row] = await session.query<StoredTarget>(
    `INSERT INTO delivery_target AS t (tenant_id, name, kind, options, created_by)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, name) DO UPDATE
     SET kind = excluded.kind, options = excluded.options, changed_at = millrace_now()
     RETURNING ${COLUMNS}`,
    [session.tenant.id, target.name, target.kind, toJson(target.options), target.createdBy],
  )
  return row as StoredTarget
}

export async function findTarget(
  session: TenantSession,
  name: string,
): Promise<StoredTarget | null> {
  const [row] = await session.query<StoredTarget>(
    `SELECT ${COLUMNS} FROM delivery_target WHERE tenant_id = $1 AND name = $2`,
    [session.tenant.id, name],
  )
  return row ?? null
}

/** By name, behind `after`. */
export async function listTargets(
  session: TenantSession,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<StoredTarget[]> {
  return session.query<StoredTarget>(
    `SELECT ${COLUMNS} FROM delivery_target
     WHERE tenant_id = $1 AND name > $2 ORDER BY name LIMIT $3`,
    [session.tenant.id, after, limit],
  )
}

/** False: there was none. */
export async function removeTarget(session: TenantSession, name: string): Promise<boolean> {
  const rows = await session.query(
    'DELETE FROM delivery_target WHERE tenant_id = $1 AND name = $2 RETURNING name',
    [session.tenant.id, name],
  )
  return rows.length > 0
}
