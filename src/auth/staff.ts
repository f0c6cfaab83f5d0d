import { noteOfUser, tellOfChange, type Arrival, type PeopleParts } from '#auth/people.ts'
import type { SystemSession } from '#catalog/session.ts'
import { removeTotp, setDisabled, userByEmail, type User } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'

type Parts = Pick<PeopleParts, 'catalog' | 'mailer' | 'clock'>

/** What operators do to an account of somebody else. `by`: as the audit log names them. */
export interface StaffAct {
  readonly email: string
  readonly by: string
}

/** Shuts an account, which ends its sessions, or opens it again. Throws `account-unknown`. */
export async function shutAccount(
  parts: Parts,
  { email, by }: StaffAct,
  disabled: boolean,
  arrival: Arrival,
): Promise<string> {
  return parts.catalog.asSystem(async (session) => {
    const user = await known(session, email)
    await setDisabled(session, user.id, disabled)
    const action = disabled ? 'users.disable' : 'users.enable'
    await noteOfUser(session, user, action, arrival, { by })
    return user.id
  })
}

/**
 * One-time codes are no longer asked for, of somebody who has lost authenticator and recovery codes.
 * Throws `account-unknown`, `totp-none`.
 */
export async function dropAuthenticator(
  parts: Parts,
  { email, by }: StaffAct,
  arrival: Arrival,
): Promise<string> {
  return parts.catalog.asSystem(async (session) => {
    const user = await known(session, email)
    if (!(await removeTotp(session, user.id))) throw new MillraceError('totp-none')
    await noteOfUser(session, user, 'users.drop-totp', arrival, { by })
    await tellOfChange(session, parts, user, 'An operator has switched one-time codes off.')
    return user.id
  })
}

async function known(session: SystemSession, email: string): Promise<User> {
  const user = await userByEmail(session, email)
  if (!user) throw new MillraceError('account-unknown', { email })
  return user
}
