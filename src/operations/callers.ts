import type { Caller, Identity } from '#operations/operation.ts'

/** Who stands behind a credential; one implementation over the catalog, see `open-callers.ts`. */
export interface Callers {
  /** Null for a key that is unknown, expired or revoked. */
  byKey(key: string): Promise<Caller | null>
  /**
   * Whose session it is, at work for that tenant, or for the one that the user was in last; no
   * `Caller` for a user without one. Null for a session that is unknown or has ended. Throws
   * `tenant-unknown` for a tenant that the user is no member of.
   */
  bySession(token: string, tenant: string | undefined): Promise<Identity | null>
  /**
   * Who runs this deployment: `local` works on this machine as the server's own user, `operator` has
   * the operators' key. Throws `tenant-unknown`.
   */
  operator(tenant: string, name: 'local' | 'operator'): Promise<Caller>
}
