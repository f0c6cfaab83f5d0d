import type { Caller } from '#operations/operation.ts'

/** Who stands behind a credential; one implementation over the catalog, see `open-callers.ts`. */
export interface Callers {
  /** Null for a key that is unknown, expired or revoked. */
  byKey(key: string): Promise<Caller | null>
  /**
   * Who runs this deployment: `local` works on this machine as the server's own user, `operator` has
   * the operators' key. Throws `tenant-unknown`.
   */
  operator(tenant: string, name: 'local' | 'operator'): Promise<Caller>
}
