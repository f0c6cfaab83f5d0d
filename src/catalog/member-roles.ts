import type { TenantSession } from '#catalog/session.ts'
import { fullAccess, isLimited, type Access } from '#model/access.ts'

/** A role that a tenant has made. */
export interface MemberRole {
  readonly name: string
  readonly permissions: readonly string[]
  readonly access: Access
  readonly createdAt: Date
  readonly createdBy: string
  readonly members: number
}

interface RoleRow extends Omit<MemberRole, 'access'> {
  readonly access: Access | null
}

const roleColumns = `r.name, r.permissions, r.access, r.created_at AS "createdAt",
  r.created_by AS "createdBy", (SELECT count(*)::int FROM membership m
    WHERE m.tenant_id = r.tenant_id AND m.role = r.name) AS members`

/** By name, after that name (exclusive). */
export async function pageRoles(
  session: TenantSession,
  after: string,
  limit: number,
): Promise<MemberRole[]> {
  const rows = await session.query<RoleRow>(
    `SELECT ${roleColumns} FROM role r WHERE r.tenant_id = $1 AND r.name > $2 ORDER BY r.name LIMIT $3`,
    [session.tenant.id, after, limit],
  )
  return rows.map(toRole)
}

export interface RoleRights {
  readonly permissions: readonly string[]
  readonly access: Access
}

/** It stays as it is until the transaction ends, and cannot be removed meanwhile. Null: none. */
export async function holdRole(session: TenantSession, name: string): Promise<RoleRights | null> {
  const [row] = await session.query<{ permissions: string[]; access: Access | null }>(
    'SELECT permissions, access FROM role WHERE tenant_id = $1 AND name = $2 FOR SHARE',
    [session.tenant.id, name],
  )
  return row ? { permissions: row.permissions, access: row.access ?? fullAccess } : null
}

/** False where there is one of that name. */
export async function addRole(
  session: TenantSession,
  name: string,
  { permissions, access }: RoleRights,
  createdBy: string,
): Promise<boolean> {
  const added = await session.query(
    `INSERT INTO role (tenant_id, name, permissions, access, created_by) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING name`,
    [session.tenant.id, name, permissions, stored(access), createdBy],
  )
  return added.length > 0
}

/** Waits for whoever holds it. Null: there is none. */
export async function lockRole(session: TenantSession, name: string): Promise<RoleRights | null> {
  const [row] = await session.query<{ permissions: string[]; access: Access | null }>(
    'SELECT permissions, access FROM role WHERE tenant_id = $1 AND name = $2 FOR UPDATE',
    [session.tenant.id, name],
  )
  return row ? { permissions: row.permissions, access: row.access ?? fullAccess } : null
}

export async function changeRole(
  session: TenantSession,
  name: string,
  { permissions, access }: RoleRights,
): Promise<void> {
  await session.query(
    'UPDATE role SET permissions = $3, access = $4 WHERE tenant_id = $1 AND name = $2',
    [session.tenant.id, name, permissions, stored(access)],
  )
}

/** Members, open invitations and providers that have it. Asked after `lockRole`. */
export async function usersOfRole(
  session: TenantSession,
  name: string,
): Promise<{ readonly members: number; readonly invitations: number; readonly providers: number }> {
  const [row] = await session.query<{ members: number; invitations: number; providers: number }>(
    `SELECT
       (SELECT count(*)::int FROM membership WHERE tenant_id = $1 AND role = $2) AS members,
       (SELECT count(*)::int FROM invitation
        WHERE tenant_id = $1 AND role = $2 AND ended_at IS NULL AND expires_at > millrace_now())
         AS invitations,
       (SELECT count(*)::int FROM identity_provider WHERE tenant_id = $1 AND default_role = $2)
         AS providers`,
    [session.tenant.id, name],
  )
  return row ?? { members: 0, invitations: 0, providers: 0 }
}

export async function removeRole(session: TenantSession, name: string): Promise<void> {
  await session.query('DELETE FROM role WHERE tenant_id = $1 AND name = $2', [
    session.tenant.id,
    name,
  ])
}

function stored(access: Access): string | null {
  return isLimited(access) ? JSON.stringify(access) : null
}

function toRole({ access, ...role }: RoleRow): MemberRole {
  return { ...role, access: access ?? fullAccess }
}
