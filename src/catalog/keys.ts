import type { Catalog } from '#catalog/catalog.ts'
import { toJson } from '#catalog/json.ts'
import type { Rate } from '#catalog/rates.ts'
import type { TenantSession } from '#catalog/session.ts'
import { fullAccess, isLimited, type Access } from '#model/access.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

export interface ApiKey {
  /** `mk_…`: shown everywhere; the secret itself is never stored. */
  readonly id: string
  readonly name: string
  readonly permissions: readonly string[]
  readonly access: Access
  /** Null: as for every key. */
  readonly rate: Rate | null
  /** Who made it, as in the audit log; null: made by Millrace itself. */
  readonly madeBy: string | null
  /** True when that user is no member of the tenant any more; the key works on. */
  readonly makerLeft: boolean
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
  /** Exact to the minute. */
  readonly lastUsedAt: Date | null
  readonly rotatedAt: Date | null
  /** Until when the secret before the newest rotation works; null: it does not. */
  readonly formerUntil: Date | null
}

export interface NewKey {
  readonly id: string
  readonly name: string
  /** SHA-256 of the whole key as its holder sends it. */
  readonly hash: Uint8Array
  readonly permissions: readonly string[]
  /** Default: all of what the permissions let be seen. */
  readonly access?: Access
  readonly rate?: Rate | null
  readonly expiresAt?: Date | null
  readonly madeBy?: string | null
  readonly madeByUser?: string | null
}

export async function createKey(session: TenantSession, key: NewKey): Promise<void> {
  const { access = fullAccess, rate } = key
  await session.query(
    `INSERT INTO api_key (tenant_id, id, name, hash, permissions, expires_at, access,
       rate_per_minute, rate_burst, made_by, made_by_user)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      session.tenant.id,
      key.id,
      key.name,
      Buffer.from(key.hash),
      key.permissions,
      key.expiresAt ?? null,
      isLimited(access) ? toJson(access) : null,
      rate?.perMinute ?? null,
      rate?.burst ?? null,
      key.madeBy ?? null,
      key.madeByUser ?? null,
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

/**
 * Gives a key that still works another secret; the former one works for `overlapMs` more, one that
 * was former already no more. Returns until when; null when there is no such key, or it has ended.
 */
export async function rotateKey(
  session: TenantSession,
  id: string,
  hash: Uint8Array,
  overlapMs: number,
): Promise<{ readonly formerUntil: Date | null } | null> {
  const [rotated] = await session.query<{ formerUntil: Date | null }>(
    `UPDATE api_key SET hash = $3, rotated_at = millrace_now(),
       former_hash = CASE WHEN $4 > 0 THEN hash END,
       former_until = CASE WHEN $4 > 0 THEN millrace_now() + $4 * interval '1 millisecond' END
     WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > millrace_now())
     RETURNING former_until AS "formerUntil"`,
    [session.tenant.id, id, Buffer.from(hash), overlapMs],
  )
  return rotated ?? null
}

/** Null: as for every key. False when the tenant has no such key. */
export async function setKeyRate(
  session: TenantSession,
  id: string,
  rate: Rate | null,
): Promise<boolean> {
  const changed = await session.query(
    `UPDATE api_key SET rate_per_minute = $3, rate_burst = $4
     WHERE tenant_id = $1 AND id = $2 RETURNING id`,
    [session.tenant.id, id, rate?.perMinute ?? null, rate?.burst ?? null],
  )
  return changed.length > 0
}

const KEY = `k.id, k.name, k.permissions, k.access, k.rate_per_minute AS "perMinute",
  k.rate_burst AS burst, k.made_by AS "madeBy", k.created_at AS "createdAt",
  k.expires_at AS "expiresAt", k.revoked_at AS "revokedAt", k.last_used_at AS "lastUsedAt",
  k.rotated_at AS "rotatedAt",
  CASE WHEN k.former_until > millrace_now() THEN k.former_until END AS "formerUntil",
  k.made_by_user IS NOT NULL AND NOT EXISTS (
    SELECT FROM membership m WHERE m.tenant_id = $1 AND m.user_id = k.made_by_user) AS "makerLeft"`

type KeyRow = Omit<ApiKey, 'access' | 'rate'> & {
  readonly access: Access | null
  readonly perMinute: number | null
  readonly burst: number | null
}

export interface KeyPage {
  /** Only keys that are older than the one with this id. */
  readonly after?: string | undefined
  /** Default: 1000. */
  readonly limit?: number
  /** Without those that were revoked or have expired. */
  readonly onlyWorking?: boolean
}

/** Newest first. */
export async function listKeys(
  session: TenantSession,
  { after, limit = 1000, onlyWorking = false }: KeyPage = {},
): Promise<ApiKey[]> {
  const rows = await session.query<KeyRow>(
    `SELECT ${KEY} FROM api_key k
     WHERE k.tenant_id = $1 AND ($2::text IS NULL OR k.id < $2)
       AND (NOT $3 OR (k.revoked_at IS NULL
         AND (k.expires_at IS NULL OR k.expires_at > millrace_now())))
     ORDER BY k.id DESC LIMIT $4`,
    [session.tenant.id, after ?? null, onlyWorking, limit],
  )
  return rows.map(toKey)
}

export async function getKey(session: TenantSession, id: string): Promise<ApiKey | null> {
  const [row] = await session.query<KeyRow>(
    `SELECT ${KEY} FROM api_key k WHERE k.tenant_id = $1 AND k.id = $2`,
    [session.tenant.id, id],
  )
  return row ? toKey(row) : null
}

function toKey({ access, perMinute, burst, ...key }: KeyRow): ApiKey {
  const rate = perMinute === null || burst === null ? null : { perMinute, burst }
  return { ...key, access: access ?? fullAccess, rate }
}

export interface KeyOwner {
  readonly tenant: Tenant
  readonly keyId: string
  readonly permissions: readonly string[]
  readonly access: Access
}

/** Whose key has this SHA-256; null when there is none, or it has been revoked or has expired. */
export async function ownerOfKey(catalog: Catalog, hash: Uint8Array): Promise<KeyOwner | null> {
  const [row] = await catalog.asSystem((session) =>
    session.query<{
      id: number
      slug: string
      keyId: string
      permissions: string[]
      access: Access | null
    }>('SELECT id, slug, key_id AS "keyId", permissions, access FROM key_owner($1)', [
      Buffer.from(hash),
    ]),
  )
  if (!row) return null
  const { id, slug, keyId, permissions, access } = row
  return { tenant: brandTenant(id, slug), keyId, permissions, access: access ?? fullAccess }
}
