import { assertPassword } from '#auth/password-policy.ts'
import { beginUserSession } from '#auth/people.ts'
import type { Arrival, BegunSession, PeopleParts } from '#auth/people.ts'
import { hashOfToken, isTokenForm } from '#auth/secret-token.ts'
import { attemptFailed, refuseAddress } from '#auth/throttle.ts'
import { appendAuditOf } from '#catalog/audit.ts'
import { acceptInvitation, invitationByToken, type OpenInvitation } from '#catalog/invitations.ts'
import type { SystemSession } from '#catalog/session.ts'
import { createUser } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson } from '#kernel/hash.ts'

/**
 * The invitation that a token opens; it is not used up. One that does not work counts as a failure of
 * the network address. Throws `invitation-over`, `sign-in-throttled`.
 */
export async function openInvitation(
  { catalog }: Pick<PeopleParts, 'catalog'>,
  token: string,
  { address }: Pick<Arrival, 'address'>,
): Promise<OpenInvitation> {
  const found = await catalog.asSystem(async (session) => {
    await refuseAddress(session, address)
    const open = isTokenForm(token) ? await invitationByToken(session, hashOfToken(token)) : null
    if (!open) await attemptFailed(session, { email: '', address })
    return open
  })
  if (!found) throw new MillraceError('invitation-over')
  return found
}

export interface NewAccount {
  readonly token: string
  readonly name: string
  readonly password: string
}

export interface Joined {
  readonly userId: string
  readonly invitation: OpenInvitation
}

/**
 * Makes an account for the address that was invited, which the link has proven, and signs it in.
 * Throws `invitation-over`, `account-exists`, `sign-on-needed`, `password-weak`.
 */
export async function joinWithAccount(
  parts: PeopleParts,
  { token, name, password }: NewAccount,
  arrival: Arrival,
): Promise<Joined & { readonly session: BegunSession }> {
  const invitation = await openInvitation(parts, token, arrival)
  assertPasswordCounts(invitation)
  const { email } = invitation
  if (invitation.hasAccount) throw new MillraceError('account-exists', { email })
  assertPassword(password, { email, name })
  const phc = await parts.passwords.hash(password)
  const id = parts.ids.next('usr')
  return parts.catalog.asSystem(async (session) => {
    if (!(await createUser(session, { id, email, name, password: phc }))) {
      throw new MillraceError('account-exists', { email })
    }
    if (!(await acceptInvitation(session, hashOfToken(token), id))) {
      throw new MillraceError('invitation-over')
    }
    await noteJoin(session, { id, email }, invitation, arrival)
    const begun = await beginUserSession(session, parts, { id, isOperator: false }, arrival)
    return { userId: id, invitation, session: begun }
  })
}

/**
 * The account of whoever has signed in joins. Nobody joins by somebody else's invitation, and the
 * account of a tenant's provider joins no other tenant. Throws `invitation-over`,
 * `invitation-of-another`, `sign-on-needed`.
 */
export async function joinAs(
  parts: PeopleParts,
  user: { readonly id: string; readonly email: string },
  token: string,
  arrival: Arrival,
): Promise<Joined> {
  const invitation = await openInvitation(parts, token, arrival)
  const { email } = user
  if (invitation.email !== email) throw new MillraceError('invitation-of-another', { email })
  assertPasswordCounts(invitation)
  return parts.catalog.asSystem(async (session) => {
    if (!(await acceptInvitation(session, hashOfToken(token), user.id))) {
      throw new MillraceError('invitation-over')
    }
    await noteJoin(session, user, invitation, arrival)
    return { userId: user.id, invitation }
  })
}

function assertPasswordCounts({ needsSignOn, tenant }: OpenInvitation): void {
  if (needsSignOn) throw new MillraceError('sign-on-needed', { tenant: tenant.slug })
}

/** In the log of that tenant only: it is no other's affair. */
async function noteJoin(
  session: SystemSession,
  user: { readonly id: string; readonly email: string },
  { id: invitation, role, tenant }: OpenInvitation,
  { requestId }: Pick<Arrival, 'requestId'>,
): Promise<void> {
  await appendAuditOf(session, tenant.id, {
    actor: `user ${user.id} ${user.email}`,
    action: 'invitations.accept',
    detail: canonicalJson({ invitation, role }),
    requestId,
  })
}
