import type { SystemSession } from '#catalog/session.ts'
import { fullAccess, type Access } from '#model/access.ts'
import { rolePermissions } from '#model/role.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

export interface NewSession {
  /** `ses_…` */
  readonly id: string
  /** SHA-256 of the token. */
  readonly hash: Uint8Array
  readonly userId: string
  /** Ends after this time, however much it is used. */
  readonly lifeMs: number
  /** Ends when it has not been used for this time. */
  readonly idleMs: number
  readonly address: string | null
  readonly agent: string | null
  /** The only tenant that it may be used for: somebody whom its own sign-on has let in. */
  readonly onlyTenant?: Tenant | null
}

/** Its end; null for an account that is disabled or unknown. */
export async function beginSession(
  session: SystemSession,
  begun: NewSession,
): Promise<Date | null> {
  const { id, hash, userId, lifeMs, idleMs, address, agent, onlyTenant = null } = begun
  const [row] = await session.query<{ expiresAt: Date | null }>(
    `SELECT session_begin($1, $2, $3, $4::float8 * interval '1 millisecond',
       $5::float8 * interval '1 millisecond', $6, $7, $8) AS "expiresAt"`,
    [id, Buffer.from(hash), userId, lifeMs, idleMs, address, agent, onlyTenant?.id ?? null],
  )
  return row?.expiresAt ?? null
}

export interface SessionOwner {
  readonly sessionId: string
  readonly userId: string
  readonly email: string
  /** Company staff, who may be at work for any tenant. */
  readonly isOperator: boolean
  /** What it is at work for; null: the user is a member of none, or not of the one asked for. */
  readonly place: {
    readonly tenant: Tenant
    readonly permissions: readonly string[]
    readonly access: Access
  } | null
  /** An operator who looks at that tenant as this role of it does, until then; null: nobody does. */
  readonly viewing: { readonly role: string; readonly until: Date } | null
}

/** Whose session has this SHA-256; null where there is none, or it has ended. */
export async function sessionOwner(
  session: SystemSession,
  hash: Uint8Array,
  slug: string | undefined,
): Promise<SessionOwner | null> {
  const [row] = await session.query<{
    sessionId: string
    userId: string
    email: string
    isOperator: boolean
    tenantId: number | null
    slug: string | null
    role: string | null
    permissions: string[] | null
    access: Access | null
    viewUntil: Date | null
  }>(
    `SELECT session_id AS "sessionId", user_id AS "userId", email, is_operator AS "isOperator",
       tenant_id AS "tenantId", slug, role, permissions, access, view_until AS "viewUntil"
     FROM session_owner($1, $2)`,
    [Buffer.from(hash), slug ?? null],
  )
  if (!row) return null
  const { sessionId, userId, email, isOperator } = row
  const place =
    row.tenantId === null || row.slug === null
      ? null
      : {
          tenant: brandTenant(row.tenantId, row.slug),
          permissions: rolePermissions(row.role ?? '', row.permissions),
          access: row.access ?? fullAccess,
        }
  const viewing = row.viewUntil && { role: row.role ?? '', until: row.viewUntil }
  return { sessionId, userId, email, isOperator, place, viewing }
}

/**
 * An operator's session looks at one tenant as a role does, or (null) no more; when that ends. Null
 * for a session that is none of an operator.
 */
export async function setSessionView(
  session: SystemSession,
  { userId, sessionId }: Pick<SessionOwner, 'userId' | 'sessionId'>,
  view: { readonly tenant: Tenant; readonly role: string; readonly forMs: number } | null,
): Promise<Date | null> {
  const [row] = await session.query<{ until: Date | null }>(
    `SELECT session_view($1, $2, $3, $4, $5::float8 * interval '1 millisecond') AS until`,
    [userId, sessionId, view?.tenant.id ?? null, view?.role ?? null, view?.forMs ?? 0],
  )
  return row?.until ?? null
}

export interface UserSession {
  readonly id: string
  readonly createdAt: Date
  /** Exact to the minute. */
  readonly seenAt: Date
  /** When it ends unless it is used until then. */
  readonly expiresAt: Date
  readonly address: string | null
  readonly agent: string | null
}

/** Those of a user that can be used, newest first. */
export async function listSessions(session: SystemSession, userId: string): Promise<UserSession[]> {
  return session.query<UserSession>(
    `SELECT id, created_at AS "createdAt", seen_at AS "seenAt", expires_at AS "expiresAt", address,
       agent FROM session_list($1)`,
    [userId],
  )
}

/** False where the user has no such session that can be used. */
export async function endSession(
  session: SystemSession,
  userId: string,
  id: string,
): Promise<boolean> {
  return (await end(session, userId, id, null)) > 0
}

/** All sessions of a user but one (null: all); how many. */
export async function endSessions(
  session: SystemSession,
  userId: string,
  but: string | null,
): Promise<number> {
  return end(session, userId, null, but)
}

async function end(
  session: SystemSession,
  userId: string,
  id: string | null,
  but: string | null,
): Promise<number> {
  const [row] = await session.query<{ ended: number }>('SELECT session_end($1, $2, $3) AS ended', [
    userId,
    id,
    but,
  ])
  return row?.ended ?? 0
}
