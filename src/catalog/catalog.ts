import type { SystemSession, TenantSession } from '#catalog/session.ts'
import type { Tenant } from '#model/tenant.ts'

export interface CatalogStats {
  readonly engine: 'pglite' | 'postgres'
  /** As the server tells it: `PostgreSQL 15.14 …`. */
  readonly version: string
  readonly sizeBytes: number
  readonly migrations: number
  /** Connections of this process: open, idle, and callers that wait for one. */
  readonly connections: { readonly open: number; readonly idle: number; readonly waiting: number }
}

/**
 * The memory of Millrace. `work` is one transaction: it is committed when `work` resolves and rolled
 * back when it throws. It may be run again from the start, after a deadlock or a lost connection, so
 * it must not change anything but the session. Transactions do not nest: a call inside `work` is
 * refused (`catalog-nested`), for the embedded engine has one session and would wait for itself.
 *
 * Throws `catalog-unreachable` when the database cannot be reached or the fate of a COMMIT is
 * unknown; errors thrown by `work` come out as they are.
 */
export interface Catalog {
  readonly engine: 'pglite' | 'postgres'
  asTenant<T>(tenant: Tenant, work: (session: TenantSession) => Promise<T>): Promise<T>
  asSystem<T>(work: (session: SystemSession) => Promise<T>): Promise<T>
  /**
   * Calls back soon after tasks became ready, in any process that shares the catalog; calls may be
   * missed while a connection is down, so a poll stays necessary. Returns the way to stop.
   */
  onReady(listener: () => void): () => void
  /**
   * The same after events of a tenant were committed, with the tenant's number; null: of any tenant,
   * for calls may have been missed.
   */
  onEvents(listener: (tenantId: number | null) => void): () => void
  /**
   * Calls back with a tenant's number when a transaction of this process has given it a new commit,
   * before whoever ran that transaction goes on.
   */
  onCommit(listener: (tenantId: number) => void): () => void
  /** Embedded: CHECKPOINT and VACUUM, to be called every few minutes. PostgreSQL does that itself. */
  maintain(): Promise<void>
  stats(): Promise<CatalogStats>
  close(): Promise<void>
}
