import { pageLink } from '#auth/page-link.ts'
import { permissionsOfRole } from '#auth/role-grants.ts'
import { mintToken } from '#auth/secret-token.ts'
import { addInvitation, renewInvitation, type Invitation } from '#catalog/invitations.ts'
import { isMemberAddress } from '#catalog/members.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Random } from '#kernel/random.ts'
import type { Mailer } from '#mail/mailer.ts'
import { normalEmail } from '#model/email.ts'

export interface InviteParts {
  readonly random: Random
  readonly ids: Ids
  readonly mailer: Mailer
  publicUrl(): string
}

export interface NewMemberInvitation {
  readonly email: string
  readonly role: string
  /** As the audit log names them. */
  readonly invitedBy: string
  /** As the mail names them; default: as above. */
  readonly inviter?: string | undefined
  /** What people call the tenant; default: its slug. */
  readonly tenantName?: string | undefined
}

export interface Invited {
  readonly id: string
  /** As it is kept. */
  readonly email: string
  readonly expiresAt: Date
  /** For whoever invites to hand on; null where it has been mailed. */
  readonly link: string | null
}

const LIFE_MS = 7 * 24 * 3_600_000

/**
 * Asks somebody to become a member, by a link that works once and for a week; it is queued as mail in
 * the same transaction. Whether the inviter may give that role is the caller's affair. Throws
 * `email-invalid`, `role-unknown`, `member-exists`, `invitation-exists`.
 */
export async function inviteMember(
  parts: InviteParts,
  session: TenantSession,
  { email: typed, role, invitedBy, inviter = invitedBy, tenantName }: NewMemberInvitation,
): Promise<Invited> {
  const email = normalEmail(typed)
  if (email === null) throw new MillraceError('email-invalid', { email: typed })
  await permissionsOfRole(session, role)
  if (await isMemberAddress(session, email)) throw new MillraceError('member-exists', { email })
  const { token, hash } = mintToken(parts.random)
  const id = parts.ids.next('inv')
  const invitation = { id, email, role, hash, lifeMs: LIFE_MS, invitedBy }
  const expiresAt = await addInvitation(session, invitation)
  if (expiresAt === null) throw new MillraceError('invitation-exists', { email })
  const link = await post(parts, session, { email, role, expiresAt }, token, inviter, tenantName)
  return { id, email, expiresAt, link }
}

/** Sends it again with another token: the former link is dead. Throws `invitation-unknown`. */
export async function inviteAgain(
  parts: InviteParts,
  session: TenantSession,
  id: string,
  inviter: string,
  tenantName?: string,
): Promise<Invited> {
  const { token, hash } = mintToken(parts.random)
  const renewed = await renewInvitation(session, id, hash, LIFE_MS)
  if (!renewed) throw new MillraceError('invitation-unknown', { invitation: id })
  const link = await post(parts, session, renewed, token, inviter, tenantName)
  return { id, email: renewed.email, expiresAt: renewed.expiresAt, link }
}

async function post(
  { mailer, publicUrl }: InviteParts,
  session: TenantSession,
  { email, role, expiresAt }: Pick<Invitation, 'email' | 'role' | 'expiresAt'>,
  token: string,
  inviter: string,
  tenantName: string = session.tenant.slug,
): Promise<string | null> {
  const link = pageLink(publicUrl(), 'join', token)
  if (!mailer.isOn) return link
  const data = { tenant: tenantName, inviter, role, link, until: expiresAt.toISOString() }
  await mailer.queue(session, { to: { address: email }, template: 'invitation', data })
  return null
}
