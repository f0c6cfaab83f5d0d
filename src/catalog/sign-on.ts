import type { SystemSession } from '#catalog/session.ts'
import { brandTenant, type Tenant } from '#model/tenant.ts'

/** A provider as whoever speaks with it needs to know it. */
export interface SignOnProvider {
  readonly id: string
  /** Null: of the deployment. */
  readonly tenant: Tenant | null
  readonly name: string
  readonly issuer: string
  readonly clientId: string
  /** Sealed; null: a public client. */
  readonly clientSecret: string | null
  readonly domains: readonly string[]
  /** Another one after each change. */
  readonly revision: string
}

/** Null: none, or its tenant is not at work. */
export async function signOnProvider(
  session: SystemSession,
  id: string,
): Promise<SignOnProvider | null> {
  const [row] = await session.query<
    Omit<SignOnProvider, 'tenant'> & {
      tenantId: number | null
      slug: string | null
      state: string | null
    }
  >(
    `SELECT id, tenant_id AS "tenantId", slug, state, name, issuer, client_id AS "clientId",
       client_secret AS "clientSecret", domains, revision FROM sign_on_provider($1)`,
    [id],
  )
  if (!row) return null
  const { tenantId, slug, state, ...provider } = row
  if (tenantId === null || slug === null) return { ...provider, tenant: null }
  return state === 'active' ? { ...provider, tenant: brandTenant(tenantId, slug) } : null
}

/** Somebody for whom a provider has vouched; the address is verified and of its domains. */
export interface VouchedFor {
  readonly providerId: string
  readonly issuer: string
  readonly subject: string
  /** As `normalEmail` writes it. */
  readonly email: string
  readonly name: string
  /** Id of the account where one has to be made. */
  readonly newUserId: string
}

export interface LetIn {
  readonly userId: string
  readonly isNew: boolean
}

/**
 * The account of whom a provider has vouched for; null: they may not come in. A tenant's provider
 * reaches accounts of that tenant only, and makes them for new people and those who are invited; one of
 * the deployment finds them by address.
 */
export async function letIn(session: SystemSession, person: VouchedFor): Promise<LetIn | null> {
  const { providerId, issuer, subject, email, name, newUserId } = person
  const [row] = await session.query<LetIn>(
    `SELECT user_id AS "userId", is_new AS "isNew" FROM sign_on_enter($1, $2, $3, $4, $5, $6)`,
    [providerId, issuer, subject, email, name, newUserId],
  )
  return row ?? null
}
