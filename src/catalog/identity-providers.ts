import type { SystemSession, TenantSession } from '#catalog/session.ts'

/** What may be told of an OpenID provider that signs a tenant's people in. */
export interface IdentityProvider {
  /** `idp_…` */
  readonly id: string
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  readonly hasSecret: boolean
  /** The part of addresses after the `@`; an address of another is refused. */
  readonly domains: readonly string[]
  /** Of whoever it signs in for the first time; null: people join by invitation only. */
  readonly defaultRole: string | null
  readonly createdAt: Date
}

export interface ProviderSettings {
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Sealed; null: a public client. */
  readonly clientSecret: string | null
  readonly domains: readonly string[]
  readonly defaultRole: string | null
  /** Another text for each change. */
  readonly revision: string
}

export interface NewProvider extends ProviderSettings {
  readonly id: string
  /** As the audit log names them. */
  readonly createdBy: string
}

const providerColumns = `id, name, issuer, client_id AS "clientId",
  client_secret IS NOT NULL AS "hasSecret", domains, default_role AS "defaultRole",
  created_at AS "createdAt"`

/** All of the tenant's; few. */
export async function listProviders(session: TenantSession): Promise<IdentityProvider[]> {
  return session.query<IdentityProvider>(
    `SELECT ${providerColumns} FROM identity_provider WHERE tenant_id = $1 ORDER BY id`,
    [session.tenant.id],
  )
}

/** False where the tenant has `most` of them already. */
export async function addProvider(
  session: TenantSession,
  provider: NewProvider,
  most: number,
): Promise<boolean> {
  const { id, name, issuer, clientId, clientSecret, domains, defaultRole, revision, createdBy } =
    provider
  const added = await session.query(
    `INSERT INTO identity_provider (tenant_id, id, name, issuer, client_id, client_secret, domains,
       default_role, revision, created_by)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10
     WHERE (SELECT count(*) FROM identity_provider WHERE tenant_id = $1) < $11 RETURNING id`,
    [
      session.tenant.id,
      id,
      name,
      issuer,
      clientId,
      clientSecret,
      domains,
      defaultRole,
      revision,
      createdBy,
      most,
    ],
  )
  return added.length > 0
}

/** Its settings, which nobody else changes until the transaction ends. Null: no such provider. */
export async function lockProvider(
  session: TenantSession,
  id: string,
): Promise<ProviderSettings | null> {
  const [row] = await session.query<ProviderSettings>(
    `SELECT name, issuer, client_id AS "clientId", client_secret AS "clientSecret", domains,
       default_role AS "defaultRole", revision
     FROM identity_provider WHERE tenant_id = $1 AND id = $2 FOR UPDATE`,
    [session.tenant.id, id],
  )
  return row ?? null
}

export async function changeProvider(
  session: TenantSession,
  id: string,
  settings: ProviderSettings,
): Promise<void> {
  const { name, issuer, clientId, clientSecret, domains, defaultRole, revision } = settings
  await session.query(
    `UPDATE identity_provider SET name = $3, issuer = $4, client_id = $5, client_secret = $6,
       domains = $7, default_role = $8, revision = $9 WHERE tenant_id = $1 AND id = $2`,
    [session.tenant.id, id, name, issuer, clientId, clientSecret, domains, defaultRole, revision],
  )
}

/**
 * With the accounts of the people whom it has signed in. `tenantId` null: one of the deployment.
 * `last-owner`: the tenant would be left without an owner.
 */
export async function removeProvider(
  session: SystemSession,
  tenantId: number | null,
  id: string,
): Promise<'removed' | 'unknown' | 'last-owner'> {
  const [row] = await session.query<{ outcome: 'removed' | 'unknown' | 'last-owner' }>(
    'SELECT identity_provider_remove($1, $2) AS outcome',
    [tenantId, id],
  )
  return row?.outcome ?? 'unknown'
}

/** Those of the deployment, which let in people who have an account already. */
export async function listDeploymentProviders(session: SystemSession): Promise<IdentityProvider[]> {
  return session.query<IdentityProvider>(
    `SELECT id, name, issuer, client_id AS "clientId", has_secret AS "hasSecret", domains,
       NULL AS "defaultRole", created_at AS "createdAt" FROM deployment_providers()`,
  )
}

export async function addDeploymentProvider(
  session: SystemSession,
  provider: Omit<NewProvider, 'defaultRole'>,
): Promise<void> {
  const { id, name, issuer, clientId, clientSecret, domains, revision, createdBy } = provider
  await session.query('SELECT deployment_provider_add($1, $2, $3, $4, $5, $6, $7, $8)', [
    id,
    name,
    issuer,
    clientId,
    clientSecret,
    domains,
    revision,
    createdBy,
  ])
}

/** Whether members other than owners come in through the tenant's own providers only. */
export async function isSignOnRequired(session: TenantSession): Promise<boolean> {
  const rows = await session.query('SELECT FROM sign_on_rule WHERE tenant_id = $1', [
    session.tenant.id,
  ])
  return rows.length > 0
}

export async function setSignOnRequired(
  session: TenantSession,
  required: boolean,
  by: string,
): Promise<void> {
  await (required
    ? session.query(
        `INSERT INTO sign_on_rule (tenant_id, required_by) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
        [session.tenant.id, by],
      )
    : session.query('DELETE FROM sign_on_rule WHERE tenant_id = $1', [session.tenant.id]))
}
