import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'

/** What is counted by day, in UTC. `export-rows` and `export-bytes` are what exports held. */
export const usageKinds = [
  'requests',
  'runs',
  'tasks',
  'exports',
  'export-rows',
  'export-bytes',
  'mails',
] as const
export type UsageKind = (typeof usageKinds)[number]

/** What operators can set an end to: `storage` in bytes at any moment, the others in a day. */
export const quotaKinds = ['storage', 'runs', 'exports', 'mails'] as const
export type QuotaKind = (typeof quotaKinds)[number]

export type Quotas = Readonly<Partial<Record<QuotaKind, number>>>

/**
 * Counts one more thing of the day, in the caller's transaction, or throws `quota-exceeded`. A quota
 * that was reached by it to 80 or 100 hundredths is an event in the outbox, too; returns which.
 */
export async function spendQuota(
  session: TenantSession,
  kind: QuotaKind,
  amount = 1,
): Promise<number | null> {
  const [row] = await session.query<{
    refused: boolean
    used: number
    most: number | null
    reached: number | null
  }>('SELECT refused, used, most, reached FROM usage_spend($1, $2)', [kind, amount])
  if (row?.refused) throw quotaExceeded(kind, row.used, row.most ?? 0)
  return row?.reached ?? null
}

/** Counts what no quota is on, in the caller's transaction. */
export async function countUsage(
  session: TenantSession,
  kind: UsageKind,
  amount: number,
): Promise<void> {
  await session.query('SELECT usage_spend($1, $2)', [kind, amount])
}

export interface UsageCount {
  readonly tenantId: number
  readonly kind: UsageKind
  readonly amount: number
}

/** Counts of several tenants that have happened already; those of tenants that are gone are left out. */
export async function addUsage(
  session: SystemSession,
  counts: readonly UsageCount[],
): Promise<void> {
  await session.query('SELECT usage_add($1)', [
    toJson(counts.map(({ tenantId, kind, amount }) => ({ tenant: tenantId, kind, amount }))),
  ])
}

/** Throws `quota-exceeded` when the tenant's files leave no room for so many bytes more. */
export async function assertRoom(session: TenantSession, bytes: number): Promise<void> {
  const [row] = await session.query<{ used: number; most: number | null }>(
    `SELECT stored_bytes AS used, (quotas ->> 'storage')::bigint AS most FROM tenant WHERE id = $1`,
    [session.tenant.id],
  )
  if (row?.most != null && row.used + bytes > row.most) {
    throw quotaExceeded('storage', row.used, row.most)
  }
}

export interface StoredUsage {
  /** Of all files that are kept, those of former versions too. */
  readonly bytes: number
  /** Rows that can be read; at most a minute behind. */
  readonly rows: number
  readonly quotas: Quotas
}

export async function storedUsage(session: TenantSession): Promise<StoredUsage> {
  const [row] = await session.query<StoredUsage>(
    'SELECT bytes, coalesce(rows, 0) AS rows, quotas FROM usage_stored()',
  )
  return row ?? { bytes: 0, rows: 0, quotas: {} }
}

export interface DayUsage {
  /** `2026-11-22` */
  readonly day: string
  readonly counts: Readonly<Partial<Record<UsageKind, number>>>
}

/** Today and so many days before it, the newest first; days without anything are left out. */
export async function dailyUsage(session: TenantSession, daysBefore: number): Promise<DayUsage[]> {
  return session.query<DayUsage>(
    `SELECT day::text AS day, jsonb_object_agg(kind, amount) AS counts
     FROM usage_day WHERE tenant_id = $1 AND day >= usage_today() - $2::int
     GROUP BY day ORDER BY day DESC`,
    [session.tenant.id, daysBefore],
  )
}

export async function usageToday(session: TenantSession): Promise<string> {
  const [row] = await session.query<{ today: string }>('SELECT usage_today()::text AS today')
  return row?.today ?? ''
}

/** Null: no end to it. */
export async function setQuota(
  session: SystemSession,
  tenantId: number,
  kind: QuotaKind,
  most: number | null,
): Promise<void> {
  await session.query('SELECT quota_set($1, $2, $3)', [tenantId, kind, most])
}

function quotaExceeded(kind: QuotaKind, used: number, most: number): MillraceError {
  const unit = kind === 'storage' ? 'bytes of storage' : `${kind} a day`
  return new MillraceError('quota-exceeded', { kind, used, most, unit })
}
