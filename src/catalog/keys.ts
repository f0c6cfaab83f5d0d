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

export async function createKey(_session: TenantSession, _key: NewKey): Promise<void> {
  throw new Error('to be written')
}

/** False when the tenant has no such key. A second time it changes nothing. */
export async function revokeKey(_session: TenantSession, _id: string): Promise<boolean> {
  throw new Error('to be written')
}

export async function listKeys(_session: TenantSession): Promise<ApiKey[]> {
  throw new Error('to be written')
}
