import type { SystemSession } from '#catalog/session.ts'

/** A person's account. It belongs to no tenant. */
export interface User {
  /** `usr_…` */
  readonly id: string
  /** As `normalEmail` writes it; one account for each. */
  readonly email: string
  readonly name: string
  /** PHC string; null: signs in by other means only. */
  readonly password: string | null
  /** Secret of the one-time codes, sealed. */
  readonly totp: string | null
  /** Since when one-time codes are asked for; null: they are not. */
  readonly totpAt: Date | null
  readonly recoveryLeft: number
  readonly isOperator: boolean
  readonly createdAt: Date
  readonly disabledAt: Date | null
}

export async function userByEmail(session: SystemSession, email: string): Promise<User | null> {
  return findUser(session, null, email)
}

export async function userById(session: SystemSession, id: string): Promise<User | null> {
  return findUser(session, id, null)
}

async function findUser(
  session: SystemSession,
  id: string | null,
  email: string | null,
): Promise<User | null> {
  const [user] = await session.query<User>(
    `SELECT id, email, name, password, totp, totp_at AS "totpAt", recovery_left AS "recoveryLeft",
       is_operator AS "isOperator", created_at AS "createdAt", disabled_at AS "disabledAt"
     FROM user_find($1, $2)`,
    [id, email],
  )
  return user ?? null
}

export async function hasUsers(session: SystemSession): Promise<boolean> {
  const [row] = await session.query<{ any: boolean }>('SELECT user_any() AS any')
  return row?.any ?? false
}

export interface NewUser {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly password: string | null
  readonly isOperator?: boolean
}

/** False where the address has an account. */
export async function createUser(session: SystemSession, user: NewUser): Promise<boolean> {
  const { id, email, name, password, isOperator = false } = user
  return isTrue(session, 'user_create($1, $2, $3, $4, $5)', [id, email, name, password, isOperator])
}

/** An operator; the first account of all owns the tenant `default`, too. False as `createUser`. */
export async function createOperator(
  session: SystemSession,
  { id, email, name, password }: NewUser,
): Promise<boolean> {
  return isTrue(session, 'operator_create($1, $2, $3, $4)', [id, email, name, password])
}

/** `former`: false is returned where the password is another by now; null: whatever it is. */
export async function setPassword(
  session: SystemSession,
  userId: string,
  former: string | null,
  password: string,
): Promise<boolean> {
  return isTrue(session, 'user_set_password($1, $2, $3)', [userId, former, password])
}

/** A disabled account has no sessions, and cannot begin any. False: there is no such account. */
export async function setDisabled(
  session: SystemSession,
  userId: string,
  disabled: boolean,
): Promise<boolean> {
  return isTrue(session, 'user_set_disabled($1, $2)', [userId, disabled])
}

/** Keeps a sealed secret that does not count yet. False where another one counts. */
export async function beginTotp(
  session: SystemSession,
  userId: string,
  sealed: string,
): Promise<boolean> {
  return isTrue(session, 'totp_begin($1, $2)', [userId, sealed])
}

export interface ConfirmedTotp {
  /** The secret whose code was seen. */
  readonly sealed: string
  /** Of the code that was seen. */
  readonly step: number
  readonly recoveryHashes: readonly string[]
}

/** One-time codes are asked for from now on. False where another secret counts or has replaced it. */
export async function confirmTotp(
  session: SystemSession,
  userId: string,
  { sealed, step, recoveryHashes }: ConfirmedTotp,
): Promise<boolean> {
  const params = [userId, sealed, step, recoveryHashes]
  return isTrue(session, 'totp_confirm($1, $2, $3, $4)', params)
}

/** False where none was asked for. */
export async function removeTotp(session: SystemSession, userId: string): Promise<boolean> {
  return isTrue(session, 'totp_remove($1)', [userId])
}

/** True once for each step: of two who bring the same code one comes in. */
export async function useTotpStep(
  session: SystemSession,
  userId: string,
  step: number,
): Promise<boolean> {
  return isTrue(session, 'totp_use($1, $2)', [userId, step])
}

/** True once for each recovery code. */
export async function useRecoveryCode(
  session: SystemSession,
  userId: string,
  hash: string,
): Promise<boolean> {
  return isTrue(session, 'recovery_use($1, $2)', [userId, hash])
}

async function isTrue(
  session: SystemSession,
  call: string,
  params: readonly unknown[],
): Promise<boolean> {
  const [row] = await session.query<{ yes: boolean }>(`SELECT ${call} AS yes`, params)
  return row?.yes ?? false
}
