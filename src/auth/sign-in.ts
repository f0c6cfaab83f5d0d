import { beginUserSession, noteOfUser } from '#auth/people.ts'
import type { Arrival, BegunSession, PeopleParts } from '#auth/people.ts'
import { recoveryHash } from '#auth/recovery-codes.ts'
import {
  attemptFailed,
  attemptSucceeded,
  attemptUndone,
  beginAttempt,
  type Attempt,
} from '#auth/throttle.ts'
import { matchingStep } from '#auth/totp.ts'
import { openTotp } from '#auth/totp-secret.ts'
import type { SystemSession } from '#catalog/session.ts'
import {
  setPassword,
  userByEmail,
  useRecoveryCode,
  useTotpStep,
  type User,
} from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'
import { normalEmail } from '#model/email.ts'

export interface Credentials {
  readonly email: string
  readonly password: string
  /** Of an authenticator, or a recovery code. */
  readonly code?: string | undefined
}

/**
 * Begins a session for whoever proves to own the account. An unknown address, a wrong password and a
 * disabled account take the same steps and get the same answer. Throws `sign-in-refused`,
 * `code-needed`, `code-wrong`, `sign-in-throttled`, `sign-in-busy`.
 */
export async function signIn(
  parts: PeopleParts,
  { email: typed, password, code }: Credentials,
  arrival: Arrival,
): Promise<{ readonly user: User; readonly session: BegunSession }> {
  const email = normalEmail(typed)
  const attempt: Attempt = { email: email ?? typed, address: arrival.address }
  const known = await parts.catalog.asSystem(async (session) => {
    await beginAttempt(session, attempt)
    return userByEmail(session, attempt.email)
  })
  const user = await proven(parts, known, password, attempt, arrival)
  const rehashed = user.isStale ? await parts.passwords.hash(password) : null
  const begun = await parts.catalog.asSystem(async (session) => {
    const used = await useCode(session, parts, user, code)
    if (used === 'none') {
      await attemptUndone(session, attempt)
      return new MillraceError('code-needed')
    }
    if (used === 'wrong') {
      await attemptFailed(session, attempt)
      await noteOfUser(session, user, 'sessions.refused', arrival, { why: 'code' })
      return new MillraceError('code-wrong')
    }
    await attemptSucceeded(session, attempt)
    if (rehashed !== null) await setPassword(session, user.id, user.password, rehashed)
    const made = await beginUserSession(session, parts, user, arrival)
    await noteOfUser(session, user, 'sessions.create', arrival, { session: made.id, by: used })
    return made
  })
  if (begun instanceof MillraceError) throw begun
  return { user, session: begun }
}

/** The user whose password it is. Who that cannot be is noted, then refused. */
export async function proven(
  parts: PeopleParts,
  user: User | null,
  password: string,
  attempt: Attempt,
  arrival: Arrival,
): Promise<User & { readonly isStale: boolean }> {
  const { catalog, passwords } = parts
  const judged = await passwords
    .verify(password, user?.password ?? null)
    .catch(async (error: unknown) => {
      await catalog.asSystem((session) => attemptUndone(session, attempt))
      throw error
    })
  if (user && judged.fits && user.disabledAt === null) return { ...user, isStale: judged.stale }
  await catalog.asSystem(async (session) => {
    await attemptFailed(session, attempt)
    const whom = user ?? { id: '', email: '' }
    await noteOfUser(session, whom, 'sessions.refused', arrival, { why: 'password' })
  })
  throw new MillraceError('sign-in-refused')
}

/** Uses up the code that the account asks for. `none`: it asks for one, and none was brought. */
export async function useCode(
  session: SystemSession,
  { secrets, clock }: Pick<PeopleParts, 'secrets' | 'clock'>,
  user: Pick<User, 'id' | 'totp' | 'totpAt'>,
  code: string | undefined,
): Promise<'password' | 'code' | 'recovery code' | 'none' | 'wrong'> {
  if (user.totpAt === null || user.totp === null) return 'password'
  if (code === undefined || code.trim() === '') return 'none'
  const digits = code.replace(/\s/g, '')
  if (/^\d{6}$/.test(digits)) {
    const step = matchingStep(openTotp(secrets, user.id, user.totp), digits, clock.now())
    return step !== null && (await useTotpStep(session, user.id, step)) ? 'code' : 'wrong'
  }
  const hash = recoveryHash(code)
  return hash !== null && (await useRecoveryCode(session, user.id, hash))
    ? 'recovery code'
    : 'wrong'
}
