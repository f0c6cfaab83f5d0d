import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'

/** Requests: so many a minute in the long run, and `burst` of them at once after a pause. */
export interface Rate {
  readonly perMinute: number
  readonly burst: number
}

export const rateKinds = ['tenant', 'key', 'user', 'address'] as const
export type RateKind = (typeof rateKinds)[number]

/** Whose bucket it is. */
export interface RateOwner {
  readonly kind: RateKind
  /** Number of the tenant, of a tenant or a key; else 0. */
  readonly tenantId: number
  /** The tenant's number, id of the key or user, or network address. */
  readonly subject: string
}

export interface TokenRequest extends RateOwner {
  /** Requests that wait for a token each. */
  readonly need: number
  /** Tokens that were granted before and are not wanted any more. */
  readonly back: number
}

export interface TokenGrant extends Rate {
  /** May be less than what is needed, and more where the rate is high: for the next half second. */
  readonly granted: number
  /** What is left in the bucket. */
  readonly tokens: number
  /** Until there is a token again; 0 where all that was needed was granted. */
  readonly waitMs: number
}

/** Takes tokens out of buckets that all processes share. Parallel to the requests. */
export async function takeTokens(
  session: SystemSession,
  requests: readonly TokenRequest[],
): Promise<TokenGrant[]> {
  const rows = await session.query<TokenGrant & { place: number }>(
    `SELECT place, granted, per_minute AS "perMinute", burst, tokens, wait_ms AS "waitMs"
     FROM rate_take($1) ORDER BY place`,
    [
      toJson(
        requests.map(({ tenantId, ...request }, place) => ({
          ...request,
          tenant: tenantId,
          place,
        })),
      ),
    ],
  )
  return rows.map(({ place: _place, ...grant }) => grant)
}

/** What is in the bucket of each owner now, beside what processes hold of it for half a second. */
export async function lookAtBuckets(
  session: SystemSession,
  owners: readonly RateOwner[],
): Promise<(Rate & { readonly tokens: number })[]> {
  const asked = owners.map(({ tenantId, ...owner }, place) => ({
    ...owner,
    tenant: tenantId,
    place,
  }))
  return session.query<Rate & { tokens: number }>(
    `SELECT per_minute AS "perMinute", burst, tokens FROM rate_look($1) ORDER BY place`,
    [toJson(asked)],
  )
}

/** Forgets the buckets that are full. */
export async function sweepBuckets(session: SystemSession): Promise<void> {
  await session.query('SELECT rate_sweep()')
}

export async function defaultRates(session: SystemSession): Promise<Record<RateKind, Rate>> {
  const rows = await session.query<Rate & { kind: RateKind }>(
    'SELECT kind, per_minute AS "perMinute", burst FROM rate_defaults()',
  )
  return Object.fromEntries(
    rows.map(({ kind, perMinute, burst }) => [kind, { perMinute, burst }]),
  ) as Record<RateKind, Rate>
}

export async function setDefaultRate(
  session: SystemSession,
  kind: RateKind,
  { perMinute, burst }: Rate,
): Promise<void> {
  await session.query('SELECT rate_set_default($1, $2, $3)', [kind, perMinute, burst])
}

/** Null: as for every tenant. */
export async function tenantRate(session: TenantSession): Promise<Rate | null> {
  const [row] = await session.query<{ perMinute: number | null; burst: number | null }>(
    'SELECT rate_per_minute AS "perMinute", rate_burst AS burst FROM tenant WHERE id = $1',
    [session.tenant.id],
  )
  if (row?.perMinute == null || row.burst === null) return null
  return { perMinute: row.perMinute, burst: row.burst }
}

export async function setTenantRate(
  session: SystemSession,
  tenantId: number,
  rate: Rate | null,
): Promise<void> {
  await session.query('SELECT rate_set_tenant($1, $2, $3)', [
    tenantId,
    rate?.perMinute ?? null,
    rate?.burst ?? null,
  ])
}
