import type { Tenant } from '#model/tenant.ts'

/**
 * One open transaction. Statements run one after the other; a session is refused once its
 * transaction has ended. `bigint` comes back as a number, `timestamptz` as a Date, JSON parsed.
 */
export interface Session {
  query<Row extends object>(text: string, params?: readonly unknown[]): Promise<Row[]>
}

/** Runs as `millrace_app`: row-level security shows this tenant's rows and no others. */
export interface TenantSession extends Session {
  readonly tenant: Tenant
}

/** Runs as `millrace_system`, which owns nothing, sees no table and may call named functions only. */
export interface SystemSession extends Session {
  readonly system: true
}
