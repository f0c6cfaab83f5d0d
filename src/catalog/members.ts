import type { TenantSession } from '#catalog/session.ts'

export interface Member {
  readonly userId: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly since: Date
  readonly invitedBy: string | null
  /** When last at work for this tenant, to the minute; null: not within the last weeks. */
  readonly seenAt: Date | null
  readonly hasTotp: boolean
  readonly isDisabled: boolean
  /** The tenant's provider that signs this person in; null: signs in by other means. */
  readonly providerId: string | null
}

const memberColumns = `m.user_id AS "userId", u.email, u.name, m.role, m.created_at AS since,
  m.invited_by AS "invitedBy", u.totp_at IS NOT NULL AS "hasTotp",
  u.disabled_at IS NOT NULL AS "isDisabled",
  (SELECT max(s.seen_at) FROM user_session s
   WHERE s.last_tenant = m.tenant_id AND s.user_id = m.user_id) AS "seenAt",
  (SELECT min(i.provider_id) FROM user_identity i
   WHERE i.tenant_id = m.tenant_id AND i.user_id = m.user_id) AS "providerId"`

/** In the order in which their accounts were made, after that user (exclusive). */
export async function pageMembers(
  session: TenantSession,
  after: string,
  limit: number,
): Promise<Member[]> {
  return session.query<Member>(
    // The page first, then what belongs to it: the planner would look at every member.
    `SELECT ${memberColumns}
     FROM (SELECT * FROM membership WHERE tenant_id = $1 AND user_id > $2
           ORDER BY user_id LIMIT $3) m
     JOIN user_account u ON u.id = m.user_id ORDER BY m.user_id`,
    [session.tenant.id, after, limit],
  )
}

export async function isMemberAddress(session: TenantSession, email: string): Promise<boolean> {
  const rows = await session.query(
    // OFFSET 0 keeps the planner from going through all members instead of those of the address.
    `SELECT FROM user_account u WHERE u.email = $2 AND EXISTS (
       SELECT FROM membership m WHERE m.tenant_id = $1 AND m.user_id = u.id OFFSET 0) LIMIT 1`,
    [session.tenant.id, email],
  )
  return rows.length > 0
}

/**
 * The role of a member, who keeps it until the transaction ends; null: no member. Owners are locked
 * first and in one order: of two who lower each other, the second sees what the first has done.
 */
export async function lockMember(session: TenantSession, userId: string): Promise<string | null> {
  await session.query(
    `SELECT FROM membership WHERE tenant_id = $1 AND role = 'owner' ORDER BY user_id FOR UPDATE`,
    [session.tenant.id],
  )
  const [member] = await session.query<{ role: string }>(
    'SELECT role FROM membership WHERE tenant_id = $1 AND user_id = $2 FOR UPDATE',
    [session.tenant.id, userId],
  )
  return member?.role ?? null
}

/** True where somebody else is an owner who can sign in. Asked after `lockMember`. */
export async function hasOtherOwner(session: TenantSession, userId: string): Promise<boolean> {
  const rows = await session.query(
    `SELECT FROM membership m JOIN user_account u ON u.id = m.user_id
     WHERE m.tenant_id = $1 AND m.role = 'owner' AND m.user_id <> $2 AND u.disabled_at IS NULL LIMIT 1`,
    [session.tenant.id, userId],
  )
  return rows.length > 0
}

export async function setMemberRole(
  session: TenantSession,
  userId: string,
  role: string,
): Promise<void> {
  await session.query('UPDATE membership SET role = $3 WHERE tenant_id = $1 AND user_id = $2', [
    session.tenant.id,
    userId,
    role,
  ])
}

export async function removeMember(session: TenantSession, userId: string): Promise<void> {
  await session.query('DELETE FROM membership WHERE tenant_id = $1 AND user_id = $2', [
    session.tenant.id,
    userId,
  ])
}
