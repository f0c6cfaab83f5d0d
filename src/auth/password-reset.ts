import { pageLink } from '#auth/page-link.ts'
import { assertPassword } from '#auth/password-policy.ts'
import { noteOfUser, tellOfChange, type Arrival, type PeopleParts } from '#auth/people.ts'
import { hashOfToken, mintToken } from '#auth/secret-token.ts'
import { attemptSucceeded, countMail } from '#auth/throttle.ts'
import { whoseLink } from '#auth/used-link.ts'
import { makeLink, useLink } from '#catalog/account-links.ts'
import type { SystemSession } from '#catalog/session.ts'
import { endSessions } from '#catalog/sessions.ts'
import { setPassword, userByEmail, userById, type User } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'
import { normalEmail } from '#model/email.ts'

const LIFE_MS = 3_600_000
/** Longer than the work for an account that there is, so that both answers come at the same time. */
const ANSWER_MS = 300

export interface ResetLink {
  readonly link: string
  readonly expiresAt: Date
}

/**
 * Mails a link to choose a new password to the owner of the account, if there is one: the answer and
 * its time are the same for any address. Throws `sign-in-throttled`.
 */
export async function mailResetLink(
  parts: PeopleParts & { publicUrl(): string },
  typed: string,
  arrival: Arrival,
): Promise<void> {
  const email = normalEmail(typed) ?? typed
  const work = parts.catalog.asSystem(async (session) => {
    await countMail(session, { email, address: arrival.address })
    const user = await userByEmail(session, email)
    if (!user || user.disabledAt !== null || !parts.mailer.isOn) return
    const { link, expiresAt } = await makeResetLink(session, parts, user)
    await parts.mailer.queue(session, {
      to: { address: user.email, name: user.name },
      template: 'password-reset',
      data: { link, until: expiresAt.toISOString() },
    })
    await noteOfUser(session, user, 'passwords.forgot', arrival)
  })
  const [done] = await Promise.allSettled([work, parts.clock.sleep(ANSWER_MS)])
  if (done.status === 'rejected') throw done.reason
}

/** A link for this account; a former one is dead. */
export async function makeResetLink(
  session: SystemSession,
  { random, publicUrl }: Pick<PeopleParts, 'random'> & { publicUrl(): string },
  user: Pick<User, 'id'>,
): Promise<ResetLink> {
  const { token, hash } = mintToken(random)
  const made = { purpose: 'reset', userId: user.id, hash, lifeMs: LIFE_MS } as const
  const expiresAt = await makeLink(session, made)
  return { link: pageLink(publicUrl(), 'reset', token), expiresAt }
}

/**
 * The new password of whoever has the link; it is dead then, and all sessions have ended. One-time
 * codes are asked for as before. Throws `link-unknown`, `password-weak`, `sign-in-throttled`.
 */
export async function resetPassword(
  parts: PeopleParts,
  { token, password }: { readonly token: string; readonly password: string },
  arrival: Arrival,
): Promise<void> {
  const { userId } = await whoseLink(parts, 'reset', token, arrival)
  const owner = await parts.catalog.asSystem((session) => userById(session, userId ?? ''))
  if (!owner || owner.disabledAt !== null) throw new MillraceError('link-unknown')
  assertPassword(password, owner)
  const phc = await parts.passwords.hash(password)
  await parts.catalog.asSystem(async (session) => {
    const used = await useLink(session, 'reset', hashOfToken(token))
    if (used?.userId !== owner.id) throw new MillraceError('link-unknown')
    await setPassword(session, owner.id, null, phc)
    await endSessions(session, owner.id, null)
    await attemptSucceeded(session, { email: owner.email, address: arrival.address })
    await noteOfUser(session, owner, 'passwords.reset', arrival)
    await tellOfChange(session, parts, owner, 'A new password was chosen by a link.')
  })
}
