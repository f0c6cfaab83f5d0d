import type { Catalog } from '#catalog/catalog.ts'
import { toJson } from '#catalog/json.ts'
import type { TenantSession } from '#catalog/session.ts'
import { MillraceError } from '#kernel/errors.ts'
import type { Access } from '#model/access.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

export const embedThemes = ['auto', 'light', 'dark'] as const
export type EmbedTheme = (typeof embedThemes)[number]

/** What is shown: fields of the rows of an endpoint, as their operation takes them. */
export interface EmbedQuestion {
  readonly endpoint: string
  /** Null: the version that the tenant gets. */
  readonly version: number | null
  readonly parameters: Readonly<Record<string, string>>
  readonly where: Readonly<Record<string, string | readonly string[]>>
  readonly select: readonly string[] | null
  readonly sort: readonly string[] | null
}

/** One answer that pages of other products show. */
export interface Embed {
  readonly id: string
  readonly title: string
  readonly asked: EmbedQuestion
  /** Parameters and columns that each link for a viewer says a value of. */
  readonly viewerValues: readonly string[]
  /** Null: a table. */
  readonly chart: Readonly<Record<string, unknown>> | null
  readonly theme: EmbedTheme
  /** `https://app.example.com` */
  readonly origins: readonly string[]
  readonly access: Access
  /** Sealed. */
  readonly secret: string
  readonly createdBy: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly revokedAt: Date | null
  /** Exact to the minute. */
  readonly lastSeenAt: Date | null
  /** It has not been revoked, and its time is not over. */
  readonly isOpen: boolean
}

/** Of one tenant that have not ended. */
const EMBEDS_MAX = 1000

const COLUMNS = `id, title, asked, viewer_values AS "viewerValues", chart, theme, origins, access, secret,
  created_by AS "createdBy", created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", last_seen_at AS "lastSeenAt",
  (revoked_at IS NULL AND expires_at > millrace_now()) AS "isOpen"`

export type NewEmbed = Omit<Embed, 'createdAt' | 'revokedAt' | 'lastSeenAt' | 'isOpen'>

/** Throws `embeds-too-many`. */
export async function createEmbed(session: TenantSession, embed: NewEmbed): Promise<Embed> {
  const { id: tenantId } = session.tenant
  const [count] = await session.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM embed
     WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at > millrace_now()`,
    [tenantId],
  )
  if ((count?.count ?? 0) >= EMBEDS_MAX) {
    throw new MillraceError('embeds-too-many', { max: EMBEDS_MAX })
  }
  const { id, title, asked, viewerValues, chart, theme, origins, access, secret } = embed
  const [row] = await session.query<Embed>(
    `INSERT INTO embed (tenant_id, id, title, asked, viewer_values, chart, theme, origins, access,
       secret, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
    [
      tenantId,
      id,
      title,
      toJson(asked),
      viewerValues,
      chart && toJson(chart),
      theme,
      origins,
      toJson(access),
      secret,
      embed.createdBy,
      embed.expiresAt,
    ],
  )
  return row as Embed
}

/** Newest first, at most `limit` that are older than `after`. */
export async function listEmbeds(
  session: TenantSession,
  {
    limit,
    after,
    onlyOpen,
  }: { readonly limit: number; readonly after: string | null; readonly onlyOpen: boolean },
): Promise<Embed[]> {
  return session.query<Embed>(
    `SELECT ${COLUMNS} FROM embed
     WHERE tenant_id = $1 AND ($2::text IS NULL OR id < $2 COLLATE "C")
       AND (NOT $4 OR (revoked_at IS NULL AND expires_at > millrace_now()))
     ORDER BY id DESC LIMIT $3`,
    [session.tenant.id, after, limit, onlyOpen],
  )
}

export async function getEmbed(session: TenantSession, id: string): Promise<Embed | null> {
  const [row] = await session.query<Embed>(
    `SELECT ${COLUMNS} FROM embed WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id],
  )
  return row ?? null
}

/** Null for one that is not there; asked again, the time of the first stays. */
export async function revokeEmbed(session: TenantSession, id: string): Promise<Embed | null> {
  const [row] = await session.query<Embed>(
    `UPDATE embed SET revoked_at = coalesce(revoked_at, millrace_now())
     WHERE tenant_id = $1 AND id = $2 RETURNING ${COLUMNS}`,
    [session.tenant.id, id],
  )
  return row ?? null
}

/** False for one that is not there. */
export async function setEmbedSecret(
  session: TenantSession,
  id: string,
  secret: string,
): Promise<boolean> {
  const rows = await session.query(
    'UPDATE embed SET secret = $3 WHERE tenant_id = $1 AND id = $2 RETURNING id',
    [session.tenant.id, id, secret],
  )
  return rows.length > 0
}

export interface EmbedPlace {
  readonly tenant: Tenant
  readonly origins: readonly string[]
}

/** Whose it is, before anybody is known; null: nobody's. */
export async function embedPlace(catalog: Catalog, id: string): Promise<EmbedPlace | null> {
  const [row] = await catalog.asSystem((session) =>
    session.query<{ id: number; slug: string; origins: string[] }>(
      'SELECT id, slug, origins FROM embed_tenant($1)',
      [id],
    ),
  )
  return row ? { tenant: brandTenant(row.id, row.slug), origins: row.origins } : null
}

export async function noteEmbedSeen(catalog: Catalog, tenant: Tenant, id: string): Promise<void> {
  await catalog.asSystem((session) => session.query('SELECT embed_seen($1, $2)', [tenant.id, id]))
}
