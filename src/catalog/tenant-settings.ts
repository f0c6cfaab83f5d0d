import { toJson } from '#catalog/json.ts'
import type { SystemSession, TenantSession } from '#catalog/session.ts'

export interface Branding {
  /** `#rrggbb` */
  readonly colour?: string | undefined
  /** `data:image/…;base64,…` */
  readonly logo?: string | undefined
}

/** How long is kept what nobody needs any more, in days. */
export interface Retention {
  /** Former versions, so that undo can bring them back; null: as long as the deployment says. */
  readonly versionsDays: number | null
  /** Tasks and attempts of ended runs; null: for good. The run itself and its counts stay. */
  readonly runsDays: number | null
  /** Logs of ended runs; null: as long as their tasks. */
  readonly logsDays: number | null
}

/** What a tenant's admins may say. */
export interface OwnSettings {
  /** What people call it. */
  readonly name: string
  /** IANA: `Europe/Berlin`. */
  readonly timeZone: string
  /** BCP 47: `de-AT`. */
  readonly locale: string
  readonly branding: Branding
  readonly retention: Retention
}

/** What only operators may say. */
export interface ProvidedSettings {
  /** Names of the packs that it has; null: all that are deployed. */
  readonly packs: readonly string[] | null
  readonly weight: number
  /** Bound on all that `retention` says; null: none. */
  readonly keepDaysMax: number | null
}

export interface TenantSettings extends OwnSettings, ProvidedSettings {
  readonly createdAt: Date
}

interface SettingsRow extends Omit<TenantSettings, 'retention'> {
  readonly versionsDays: number | null
  readonly runsDays: number | null
  readonly logsDays: number | null
}

export async function tenantSettings(session: TenantSession): Promise<TenantSettings> {
  const [row] = await session.query<SettingsRow>(
    `SELECT coalesce(name, slug) AS name, time_zone AS "timeZone", locale, branding, packs, weight,
       keep_versions_days AS "versionsDays", keep_runs_days AS "runsDays",
       keep_logs_days AS "logsDays", keep_days_max AS "keepDaysMax", created_at AS "createdAt"
     FROM tenant WHERE id = $1`,
    [session.tenant.id],
  )
  const { versionsDays, runsDays, logsDays, ...settings } = row as SettingsRow
  return { ...settings, retention: { versionsDays, runsDays, logsDays } }
}

/** Replaces what is given; parts of `branding` and `retention` are given as a whole. */
export async function setOwnSettings(
  session: TenantSession,
  { name, timeZone, locale, branding, retention }: Partial<OwnSettings>,
): Promise<void> {
  const columns: [string, unknown][] = [
    ['name', name],
    ['time_zone', timeZone],
    ['locale', locale],
    ['branding', branding && toJson(branding)],
    ['keep_versions_days', retention?.versionsDays],
    ['keep_runs_days', retention?.runsDays],
    ['keep_logs_days', retention?.logsDays],
  ]
  const given = columns.filter(([, value]) => value !== undefined)
  if (given.length === 0) return
  const changes = given.map(([column], place) => `${column} = $${place + 2}`)
  await session.query(`UPDATE tenant SET ${changes.join(', ')} WHERE id = $1`, [
    session.tenant.id,
    ...given.map(([, value]) => value),
  ])
}

/** The request that makes a tenant: the same one finds what it made. */
export interface TenantRequest {
  readonly requestKey: string
  readonly requestHash: string
}

export async function provideSettings(
  session: SystemSession,
  tenantId: number,
  given: {
    readonly [Name in keyof (ProvidedSettings & TenantRequest)]?:
      | (ProvidedSettings & TenantRequest)[Name]
      | undefined
  },
): Promise<void> {
  await session.query('SELECT tenant_provide($1, $2)', [tenantId, toJson(given)])
}

/** Null for a tenant that was made without a key for its request. */
export async function tenantRequest(session: TenantSession): Promise<TenantRequest | null> {
  const [row] = await session.query<TenantRequest>(
    `SELECT request_key AS "requestKey", request_hash AS "requestHash" FROM tenant
     WHERE id = $1 AND request_key IS NOT NULL`,
    [session.tenant.id],
  )
  return row ?? null
}

/** Names of the packs that the tenant has; null: all that are deployed. */
export async function tenantPacks(session: TenantSession): Promise<readonly string[] | null> {
  const [row] = await session.query<{ packs: string[] | null }>(
    'SELECT packs FROM tenant WHERE id = $1',
    [session.tenant.id],
  )
  return row?.packs ?? null
}

/** The limit on all that the tenant runs; nulls where there is none. */
export async function tenantLimit(session: TenantSession): Promise<{
  readonly runningMax: number | null
  readonly rate: { readonly max: number; readonly ms: number } | null
}> {
  const [row] = await session.query<{
    runningMax: number | null
    rate: { max: number; ms: number } | null
  }>(
    `SELECT running_max AS "runningMax",
       CASE WHEN rate_max IS NOT NULL THEN jsonb_build_object('max', rate_max, 'ms', rate_ms) END AS rate
     FROM queue_limit WHERE subject = queue_subject($1, 'tenant', '')`,
    [session.tenant.id],
  )
  return row ?? { runningMax: null, rate: null }
}
