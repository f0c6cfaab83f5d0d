import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

export interface NewInvitation {
  /** `inv_…` */
  readonly id: string
  /** As `normalEmail` writes it. */
  readonly email: string
  readonly role: string
  /** SHA-256 of the token in the link. */
  readonly hash: Uint8Array
  readonly lifeMs: number
  /** As the audit log names them. */
  readonly invitedBy: string
}

/** When it expires; null where that address has an open one. One that has expired makes way. */
export async function addInvitation(
  session: TenantSession,
  { id, email, role, hash, lifeMs, invitedBy }: NewInvitation,
): Promise<Date | null> {
  await session.query(
    `UPDATE invitation SET ended_at = millrace_now(), outcome = 'withdrawn'
     WHERE tenant_id = $1 AND email = $2 AND ended_at IS NULL AND expires_at <= millrace_now()`,
    [session.tenant.id, email],
  )
  const [added] = await session.query<{ expiresAt: Date }>(
    `INSERT INTO invitation (tenant_id, id, email, role, token_hash, expires_at, invited_by)
     VALUES ($1, $2, $3, $4, $5, millrace_now() + $6::float8 * interval '1 millisecond', $7)
     ON CONFLICT (tenant_id, email) WHERE ended_at IS NULL DO NOTHING
     RETURNING expires_at AS "expiresAt"`,
    [session.tenant.id, id, email, role, Buffer.from(hash), lifeMs, invitedBy],
  )
  return added?.expiresAt ?? null
}

export interface Invitation {
  readonly id: string
  readonly email: string
  readonly role: string
  readonly invitedBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
}

const invitationColumns = `id, email, role, invited_by AS "invitedBy", created_at AS "createdAt",
  expires_at AS "expiresAt"`

/** Those that are neither accepted nor withdrawn, in the order of their ids; expired ones, too. */
export async function pageInvitations(
  session: TenantSession,
  after: string,
  limit: number,
): Promise<(Invitation & { readonly isExpired: boolean })[]> {
  return session.query<Invitation & { isExpired: boolean }>(
    `SELECT ${invitationColumns}, expires_at <= millrace_now() AS "isExpired" FROM invitation
     WHERE tenant_id = $1 AND ended_at IS NULL AND id > $2 ORDER BY id LIMIT $3`,
    [session.tenant.id, after, limit],
  )
}

/** Gives it another token and its whole time again: the former link is dead. Null: none is open. */
export async function renewInvitation(
  session: TenantSession,
  id: string,
  hash: Uint8Array,
  lifeMs: number,
): Promise<Invitation | null> {
  const [renewed] = await session.query<Invitation>(
    `UPDATE invitation SET token_hash = $3,
       expires_at = millrace_now() + $4::float8 * interval '1 millisecond'
     WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL RETURNING ${invitationColumns}`,
    [session.tenant.id, id, Buffer.from(hash), lifeMs],
  )
  return renewed ?? null
}

/** Null: none is open. It stays open until the transaction ends. */
export async function lockInvitation(
  session: TenantSession,
  id: string,
): Promise<Invitation | null> {
  const [found] = await session.query<Invitation>(
    `SELECT ${invitationColumns} FROM invitation
     WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL FOR UPDATE`,
    [session.tenant.id, id],
  )
  return found ?? null
}

/** False: none is open. */
export async function withdrawInvitation(session: TenantSession, id: string): Promise<boolean> {
  const withdrawn = await session.query(
    `UPDATE invitation SET ended_at = millrace_now(), outcome = 'withdrawn'
     WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL RETURNING id`,
    [session.tenant.id, id],
  )
  return withdrawn.length > 0
}

/** An invitation as whoever holds its link sees it. */
export interface OpenInvitation {
  readonly tenant: Tenant
  readonly tenantName: string
  readonly id: string
  readonly email: string
  readonly role: string
  readonly expiresAt: Date
  /** The address has an account of the deployment. */
  readonly hasAccount: boolean
  /** The tenant lets this role in through its own provider only. */
  readonly needsSignOn: boolean
}

/** Null: no such token, or its invitation was used, withdrawn or has expired, or its tenant rests. */
export async function invitationByToken(
  session: SystemSession,
  hash: Uint8Array,
): Promise<OpenInvitation | null> {
  const [row] = await session.query<
    Omit<OpenInvitation, 'tenant'> & { tenantId: number; slug: string }
  >(
    `SELECT tenant_id AS "tenantId", slug, tenant_name AS "tenantName", id, email, role,
       expires_at AS "expiresAt", has_account AS "hasAccount", needs_sign_on AS "needsSignOn"
     FROM invitation_find($1)`,
    [Buffer.from(hash)],
  )
  if (!row) return null
  const { tenantId, slug, ...invitation } = row
  return { tenant: brandTenant(tenantId, slug), ...invitation }
}

/** Takes the person in, once. False where the token is of no use or was for another address. */
export async function acceptInvitation(
  session: SystemSession,
  hash: Uint8Array,
  userId: string,
): Promise<boolean> {
  const [row] = await session.query<{ accepted: boolean }>(
    'SELECT invitation_accept($1, $2) AS accepted',
    [Buffer.from(hash), userId],
  )
  return row?.accepted ?? false
}
