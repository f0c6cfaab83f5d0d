import type { SystemSession } from '#catalog/session.ts'

export interface TenantQueue {
  readonly tenant: string
  readonly weight: number
  readonly ready: number
  /** Ready, but their concurrency key is busy. */
  readonly parked: number
  readonly delayed: number
  /** For inputs. */
  readonly waiting: number
  readonly running: number
  readonly slots: number
  /** Part of the slots that is its due among those who want some, 0 to 1. */
  readonly share: number
  readonly oldestWaitMs: number | null
}

/** Tenants with tasks that have not ended, by name; one of them, or all. */
export async function queueOverview(
  session: SystemSession,
  tenantId: number | null,
): Promise<TenantQueue[]> {
  return session.query<TenantQueue>(
    `SELECT tenant, weight, ready, parked, delayed, waiting, running, slots, share,
       extract(epoch FROM millrace_now() - oldest_at)::double precision * 1000 AS "oldestWaitMs"
     FROM queue_overview($1)`,
    [tenantId],
  )
}
