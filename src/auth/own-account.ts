import { beginUserSession, noteOfUser, tellOfChange } from '#auth/people.ts'
import type { Arrival, BegunSession, PeopleParts } from '#auth/people.ts'
import { assertPassword } from '#auth/password-policy.ts'
import { proven } from '#auth/sign-in.ts'
import { attemptUndone, beginAttempt } from '#auth/throttle.ts'
import type { SystemSession } from '#catalog/session.ts'
import { endSessions } from '#catalog/sessions.ts'
import { setPassword, userById, type User } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'

/**
 * The account of somebody who has signed in and says the password once more, as everything asks that
 * would lock its owner out. Throws `sign-in-refused`, `sign-in-throttled`, `password-none`.
 */
export async function confirmOwner(
  parts: PeopleParts,
  userId: string,
  password: string,
  arrival: Arrival,
): Promise<User> {
  const user = await parts.catalog.asSystem((session) => userById(session, userId))
  if (!user) throw new MillraceError('unauthenticated')
  if (user.password === null) throw new MillraceError('password-none')
  const attempt = { email: user.email, address: arrival.address }
  await parts.catalog.asSystem((session) => beginAttempt(session, attempt))
  await proven(parts, user, password, attempt, arrival)
  await parts.catalog.asSystem((session) => attemptUndone(session, attempt))
  return user
}

/** Replaces the password, ends all sessions and begins a new one. Throws as above, `password-weak`. */
export async function changePassword(
  parts: PeopleParts,
  userId: string,
  { password, newPassword }: { readonly password: string; readonly newPassword: string },
  arrival: Arrival,
): Promise<BegunSession> {
  const user = await confirmOwner(parts, userId, password, arrival)
  assertPassword(newPassword, user)
  const phc = await parts.passwords.hash(newPassword)
  return parts.catalog.asSystem(async (session) => {
    // Of two changes at once the second one has not proven the password that it would replace.
    if (!(await setPassword(session, userId, user.password, phc))) {
      throw new MillraceError('sign-in-refused')
    }
    await noteOfUser(session, user, 'account.password', arrival)
    await tellOfChange(session, parts, user, 'Your password was changed.')
    return renewSessions(session, parts, user, arrival)
  })
}

/** Ends all sessions of a user and begins a new one for whoever has just changed the account. */
export async function renewSessions(
  session: SystemSession,
  parts: PeopleParts,
  user: User,
  arrival: Arrival,
): Promise<BegunSession> {
  await endSessions(session, user.id, null)
  return beginUserSession(session, parts, user, arrival)
}
