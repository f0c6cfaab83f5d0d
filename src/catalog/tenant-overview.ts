import type { SystemSession } from '#catalog/session.ts'
import type { TenantState } from '#catalog/tenants.ts'

export const overviewOrders = ['trouble', 'load', 'backlog', 'name'] as const
export type OverviewOrder = (typeof overviewOrders)[number]

/** What a tenant wants of the machines now, and what is wrong with it. */
export interface TenantPulse {
  readonly id: number
  readonly slug: string
  readonly name: string
  readonly state: TenantState
  readonly weight: number
  /** Where its data lie; null: here. Of one in a cell nothing below is known here. */
  readonly cell: string | null
  readonly createdAt: Date
  /** Slots and calls that are at work for it. */
  readonly running: number
  readonly ready: number
  readonly oldestWaitMs: number | null
  /** Partitions whose newest attempt failed or is held. */
  readonly troubled: number
  /** Datasets that are older than their rule allows. */
  readonly breached: number
  /** Since a day. */
  readonly failedRuns: number
  /** Background tasks that have failed for good. */
  readonly dead: number
  readonly bytes: number
  /** Its place in the order: behind those with more. */
  readonly rank: number
}

export async function tenantOverview(
  session: SystemSession,
  asked: {
    /** Part of slug or name. */
    readonly search: string
    readonly state: TenantState | null
    readonly order: OverviewOrder
    readonly after: { readonly rank: number; readonly slug: string } | null
    readonly limit: number
  },
): Promise<TenantPulse[]> {
  const { search, state, order, after, limit } = asked
  return session.query<TenantPulse>(
    `SELECT id, slug, name, state, weight, cell, created_at AS "createdAt", running, ready,
       extract(epoch FROM millrace_now() - oldest_at)::double precision * 1000 AS "oldestWaitMs",
       troubled, breached, failed_runs AS "failedRuns", dead, bytes, rank
     FROM tenant_overview($1, $2, $3, $4, $5, $6)`,
    [search.toLowerCase(), state, order, after?.rank ?? 0, after?.slug ?? '', limit],
  )
}

export interface TenantHour {
  readonly tenantId: number
  /** Its beginning; runs count in the hour in which they began. */
  readonly hour: Date
  readonly done: number
  readonly failed: number
  /** Time that its tasks took, one after the other. */
  readonly wallMs: number
}

/** From the run on whose id would be `firstRun`; hours without any are left out. */
export async function tenantHours(
  session: SystemSession,
  tenantIds: readonly number[],
  firstRun: string,
): Promise<TenantHour[]> {
  return session.query<TenantHour>(
    `SELECT tenant_id AS "tenantId", hour, done, failed, wall_ms AS "wallMs"
     FROM tenant_hours($1, $2)`,
    [tenantIds, firstRun],
  )
}

export interface TenantDay {
  readonly tenantId: number
  /** `2026-11-22`, in UTC. */
  readonly day: string
  readonly kind: 'requests' | 'runs' | 'export-rows'
  readonly amount: number
}

/** Today and the days before it; those without anything are left out. */
export async function tenantDays(
  session: SystemSession,
  tenantIds: readonly number[],
  days: number,
): Promise<TenantDay[]> {
  return session.query<TenantDay>(
    'SELECT tenant_id AS "tenantId", day, kind, amount FROM tenant_days($1, $2)',
    [tenantIds, days],
  )
}
