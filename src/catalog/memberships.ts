import type { AuditEvent } from '#catalog/audit.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { fullAccess, type Access } from '#model/access.ts'
import { rolePermissions } from '#model/role.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

export interface Membership {
  readonly tenant: Tenant
  /** What people call the tenant. */
  readonly tenantName: string
  readonly role: string
  readonly permissions: readonly string[]
  readonly access: Access
  readonly createdAt: Date
}

/** Where a user is a member, by slug. */
export async function membershipsOf(session: SystemSession, userId: string): Promise<Membership[]> {
  const rows = await session.query<{
    tenantId: number
    slug: string
    name: string
    role: string
    permissions: string[] | null
    access: Access | null
    createdAt: Date
  }>(
    `SELECT tenant_id AS "tenantId", slug, name, role, permissions, access, created_at AS "createdAt"
     FROM membership_list($1)`,
    [userId],
  )
  return rows.map(({ tenantId, slug, name, role, permissions, access, createdAt }) => ({
    tenant: brandTenant(tenantId, slug),
    tenantName: name,
    role,
    permissions: rolePermissions(role, permissions),
    access: access ?? fullAccess,
    createdAt,
  }))
}

export interface NewMember {
  readonly userId: string
  /** A built-in one, or one that the tenant has made. */
  readonly role: string
  /** As the audit log names them; null: nobody did. */
  readonly invitedBy: string | null
}

/** False where the user is a member already: then nothing changes. */
export async function addMember(
  session: TenantSession,
  { userId, role, invitedBy }: NewMember,
): Promise<boolean> {
  const added = await session.query(
    `INSERT INTO membership (tenant_id, user_id, role, invited_by) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING user_id`,
    [session.tenant.id, userId, role, invitedBy],
  )
  return added.length > 0
}

/** Appends to the log of each tenant that the user is a member of. */
export async function appendAuditOfUser(
  session: SystemSession,
  userId: string,
  { actor, action, detail, requestId }: AuditEvent,
): Promise<void> {
  await session.query('SELECT user_audit($1, $2, $3, $4, $5)', [
    userId,
    actor,
    action,
    detail,
    requestId,
  ])
}
