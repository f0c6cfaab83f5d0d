import type { PasswordHash } from '#auth/password-hash.ts'
import { mintToken } from '#auth/secret-token.ts'
import { appendAuditOfUser } from '#catalog/memberships.ts'
import type { Catalog } from '#catalog/catalog.ts'
import type { SystemSession } from '#catalog/session.ts'
import { beginSession } from '#catalog/sessions.ts'
import type { User } from '#catalog/users.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson } from '#kernel/hash.ts'
import type { Ids } from '#kernel/ids.ts'
import type { Random } from '#kernel/random.ts'
import type { Mailer } from '#mail/mailer.ts'
import type { Tenant } from '#model/tenant.ts'
import type { Secrets } from '#secrets/secrets.ts'

/** What the work on accounts needs. `catalog` is the directory, where people are. */
export interface PeopleParts {
  readonly catalog: Catalog
  readonly passwords: PasswordHash
  readonly secrets: Secrets
  readonly mailer: Mailer
  readonly clock: Clock
  readonly random: Random
  readonly ids: Ids
}

/** The way that somebody came in. */
export interface Arrival {
  readonly address: string | null
  readonly agent: string | null
  readonly requestId: string | null
}

export interface BegunSession {
  readonly id: string
  readonly token: string
  readonly expiresAt: Date
}

const HOUR = 3_600_000
const lives = {
  member: { lifeMs: 30 * 24 * HOUR, idleMs: 7 * 24 * HOUR },
  operator: { lifeMs: 12 * HOUR, idleMs: 2 * HOUR },
} as const

/**
 * A new session with a token of its own, whatever the browser had before. `onlyTenant`: it can be
 * used for that tenant alone. Throws `sign-in-refused` for an account that has been disabled.
 */
export async function beginUserSession(
  session: SystemSession,
  { ids, random }: Pick<PeopleParts, 'ids' | 'random'>,
  user: Pick<User, 'id' | 'isOperator'>,
  { address, agent }: Pick<Arrival, 'address' | 'agent'>,
  onlyTenant: Tenant | null = null,
): Promise<BegunSession> {
  const { token, hash } = mintToken(random)
  const id = ids.next('ses')
  const life = user.isOperator && onlyTenant === null ? lives.operator : lives.member
  const begun = { id, hash, userId: user.id, address, agent, onlyTenant, ...life }
  const expiresAt = await beginSession(session, begun)
  if (expiresAt === null) throw new MillraceError('sign-in-refused')
  return { id, token, expiresAt }
}

/** Notes what somebody did, or tried, with an account in the log of each of its tenants. */
export async function noteOfUser(
  session: SystemSession,
  user: Pick<User, 'id' | 'email'>,
  action: string,
  { address, requestId }: Pick<Arrival, 'address' | 'requestId'>,
  detail: Readonly<Record<string, string>> = {},
): Promise<void> {
  await appendAuditOfUser(session, user.id, {
    actor: `user ${user.id} ${user.email}`,
    action,
    detail: canonicalJson({ ...detail, ...(address === null ? {} : { address }) }),
    requestId,
  })
}

/** Tells the owner of an account by mail that something of it has changed; `change` is a sentence. */
export async function tellOfChange(
  session: SystemSession,
  { mailer, clock }: Pick<PeopleParts, 'mailer' | 'clock'>,
  user: Pick<User, 'email' | 'name'>,
  change: string,
): Promise<void> {
  await mailer.queue(session, {
    to: { address: user.email, name: user.name },
    template: 'account-changed',
    data: { change, at: clock.now().toISOString() },
  })
}
