import type { TenantSession } from '#catalog/session.ts'

export interface ApiKey {
  /** `mk_…`: shown everywhere; the secret itself is never stored. */
  readonly id: string
  readonly name: string
  readonly permissions: readonly string[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  /** Exact to the minute. */
  readonly lastUsedAt: Date | null
}

export interface NewKey {
  readonly id: string
  readonly name: string
  /** SHA-256 of the whole key as its holder sends it. */
  readonly hash: Uint8Array
  readonly permissions: readonly string[]
  readonly expiresAt?: Date | null
}

export async function createKey(session: TenantSession, key: NewKey): Promise<void> {
  await session.query(
    `INSERT INTO api_key (tenant_id, id, name, hash, permissions, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [
      session.tenant.id,
      key.id,
      key.name,
      Buffer.from(key.hash),
      key.permissions,
      key.expiresAt ?? null,
    ],
  )
}

/** False when the tenant has no such key. A second time it changes nothing. */
export async function revokeKey(session: TenantSession, id: string): Promise<boolean> {
  const revoked = await session.query(
    `UPDATE api_key SET revoked_at = coalesce(revoked_at, millrace_now())
     WHERE tenant_id = $1 AND id = $2 RETURNING id`,
    [session.tenant.id, id],
  )
  return revoked.length > 0
}

/** Newest first. */
export async function listKeys(session: TenantSession): Promise<ApiKey[]> {
  return session.query<ApiKey>(
    `SELECT id, name, permissions, created_at AS "createdAt", expires_at AS "expiresAt",
       revoked_at AS "revokedAt", last_used_at AS "lastUsedAt"
     FROM api_key WHERE tenant_id = $1 ORDER BY created_at DESC, id`,
    [session.tenant.id],
  )
}
