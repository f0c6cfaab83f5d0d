import type { SystemSession } from '#catalog/session.ts'

/** `setup` makes the first operator; `reset` gives an account a new password. */
export type LinkPurpose = 'setup' | 'reset'

export interface NewLink {
  readonly purpose: LinkPurpose
  /** Null for what is nobody's. */
  readonly userId: string | null
  /** SHA-256 of the token. */
  readonly hash: Uint8Array
  readonly lifeMs: number
}

/** Replaces the former link of that purpose and user; its end. */
export async function makeLink(
  session: SystemSession,
  { purpose, userId, hash, lifeMs }: NewLink,
): Promise<Date> {
  const [row] = await session.query<{ expiresAt: Date }>(
    `SELECT link_make($1, $2, $3, $4::float8 * interval '1 millisecond') AS "expiresAt"`,
    [purpose, userId, Buffer.from(hash), lifeMs],
  )
  if (!row) throw new Error('link_make returned no row')
  return row.expiresAt
}

/** Whose a link is; null where it is unknown, has expired or has been used. */
export async function linkOwner(
  session: SystemSession,
  purpose: LinkPurpose,
  hash: Uint8Array,
): Promise<{ readonly userId: string | null } | null> {
  const [row] = await session.query<{ userId: string | null }>(
    'SELECT user_id AS "userId" FROM link_owner($1, $2)',
    [purpose, Buffer.from(hash)],
  )
  return row ?? null
}

/** Uses a link up; null where it is unknown, has expired or has been used. */
export async function useLink(
  session: SystemSession,
  purpose: LinkPurpose,
  hash: Uint8Array,
): Promise<{ readonly userId: string | null } | null> {
  const [row] = await session.query<{ userId: string | null }>(
    'SELECT user_id AS "userId" FROM link_use($1, $2)',
    [purpose, Buffer.from(hash)],
  )
  return row ?? null
}
