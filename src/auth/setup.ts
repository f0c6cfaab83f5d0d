import { pageLink } from '#auth/page-link.ts'
import { assertPassword } from '#auth/password-policy.ts'
import { beginUserSession, noteOfUser } from '#auth/people.ts'
import type { Arrival, BegunSession, PeopleParts } from '#auth/people.ts'
import { hashOfToken, mintToken } from '#auth/secret-token.ts'
import { whoseLink } from '#auth/used-link.ts'
import { makeLink, useLink } from '#catalog/account-links.ts'
import type { SystemSession } from '#catalog/session.ts'
import { createOperator } from '#catalog/users.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Random } from '#kernel/random.ts'

const LIFE_MS = 24 * 3_600_000

/** The one link that makes an operator; a former one is dead. */
export async function makeSetupLink(
  session: SystemSession,
  { random, publicUrl }: { readonly random: Random; publicUrl(): string },
): Promise<{ readonly link: string; readonly expiresAt: Date }> {
  const { token, hash } = mintToken(random)
  const made = { purpose: 'setup', userId: null, hash, lifeMs: LIFE_MS } as const
  const expiresAt = await makeLink(session, made)
  return { link: pageLink(publicUrl(), 'setup', token), expiresAt }
}

export interface NewOperator {
  readonly token: string
  readonly email: string
  readonly name: string
  readonly password: string
}

/**
 * Makes whoever has the link an operator, and signs them in; the link is dead then. Throws
 * `link-unknown`, `account-exists`, `password-weak`, `sign-in-throttled`.
 */
export async function setUp(
  parts: PeopleParts,
  { token, email, name, password }: NewOperator,
  arrival: Arrival,
): Promise<{ readonly userId: string; readonly session: BegunSession }> {
  await whoseLink(parts, 'setup', token, arrival)
  assertPassword(password, { email, name })
  const phc = await parts.passwords.hash(password)
  const id = parts.ids.next('usr')
  return parts.catalog.asSystem(async (session) => {
    if (!(await useLink(session, 'setup', hashOfToken(token)))) {
      throw new MillraceError('link-unknown')
    }
    if (!(await createOperator(session, { id, email, name, password: phc }))) {
      throw new MillraceError('account-exists', { email })
    }
    await noteOfUser(session, { id, email }, 'setup.create', arrival)
    const begun = await beginUserSession(session, parts, { id, isOperator: true }, arrival)
    return { userId: id, session: begun }
  })
}
