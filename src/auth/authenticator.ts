import { confirmOwner, renewSessions } from '#auth/own-account.ts'
import { noteOfUser, tellOfChange } from '#auth/people.ts'
import type { Arrival, BegunSession, PeopleParts } from '#auth/people.ts'
import { makeRecoveryCodes } from '#auth/recovery-codes.ts'
import { useCode } from '#auth/sign-in.ts'
import { attemptFailed, attemptUndone, beginAttempt } from '#auth/throttle.ts'
import { matchingStep, toBase32, TOTP_SECRET_BYTES, totpUri } from '#auth/totp.ts'
import { openTotp, sealTotp } from '#auth/totp-secret.ts'
import { beginTotp, confirmTotp, removeTotp, userById } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'

/**
 * A secret for an authenticator. It counts once a code of it has come back. Throws `totp-exists`,
 * `secret-key-none`, and as `confirmOwner`.
 */
export async function beginAuthenticator(
  parts: PeopleParts,
  userId: string,
  password: string,
  arrival: Arrival,
): Promise<{ readonly secret: string; readonly uri: string }> {
  const user = await confirmOwner(parts, userId, password, arrival)
  const secret = parts.random.bytes(TOTP_SECRET_BYTES)
  const sealed = sealTotp(parts.secrets, userId, secret)
  const begun = await parts.catalog.asSystem((session) => beginTotp(session, userId, sealed))
  if (!begun) throw new MillraceError('totp-exists')
  return { secret: toBase32(secret), uri: totpUri(secret, user.email) }
}

/**
 * From now on signing in asks for a code. All sessions end but for a new one. Throws `totp-none`,
 * `code-wrong`, `sign-in-throttled`.
 */
export async function confirmAuthenticator(
  parts: PeopleParts,
  userId: string,
  code: string,
  arrival: Arrival,
): Promise<{ readonly recoveryCodes: string[]; readonly session: BegunSession }> {
  const user = await parts.catalog.asSystem((session) => userById(session, userId))
  if (!user || user.totp === null || user.totpAt !== null) throw new MillraceError('totp-none')
  const sealed = user.totp
  const attempt = { email: user.email, address: arrival.address }
  await parts.catalog.asSystem((session) => beginAttempt(session, attempt))
  const secret = openTotp(parts.secrets, userId, sealed)
  const step = matchingStep(secret, code.replace(/\s/g, ''), parts.clock.now())
  if (step === null) throw new MillraceError('code-wrong')
  const { codes, hashes } = makeRecoveryCodes(parts.random)
  return parts.catalog.asSystem(async (session) => {
    const confirmed = { sealed, step, recoveryHashes: hashes }
    if (!(await confirmTotp(session, userId, confirmed))) throw new MillraceError('totp-none')
    await attemptUndone(session, attempt)
    await noteOfUser(session, user, 'account.totp-confirm', arrival)
    await tellOfChange(session, parts, user, 'Your account asks for one-time codes from now on.')
    const renewed = await renewSessions(session, parts, user, arrival)
    return { recoveryCodes: codes, session: renewed }
  })
}

/** Codes are no longer asked for. Throws `totp-none`, `code-needed`, `code-wrong`, and as `confirmOwner`. */
export async function removeAuthenticator(
  parts: PeopleParts,
  userId: string,
  { password, code }: { readonly password: string; readonly code: string },
  arrival: Arrival,
): Promise<void> {
  const user = await confirmOwner(parts, userId, password, arrival)
  if (user.totpAt === null) throw new MillraceError('totp-none')
  const attempt = { email: user.email, address: arrival.address }
  const refused = await parts.catalog.asSystem(async (session) => {
    await beginAttempt(session, attempt)
    const used = await useCode(session, parts, user, code)
    if (used === 'none') return new MillraceError('code-needed')
    if (used === 'wrong') {
      await attemptFailed(session, attempt)
      return new MillraceError('code-wrong')
    }
    await attemptUndone(session, attempt)
    await removeTotp(session, userId)
    await noteOfUser(session, user, 'account.totp-remove', arrival)
    await tellOfChange(session, parts, user, 'Your account no longer asks for one-time codes.')
    return null
  })
  if (refused) throw refused
}
