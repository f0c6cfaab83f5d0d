import type { Catalog } from '#catalog/catalog.ts'
import { addProvider, setSignOnRequired, type NewProvider } from '#catalog/identity-providers.ts'
import { addInvitation } from '#catalog/invitations.ts'
import { letIn, type LetIn, type VouchedFor } from '#catalog/sign-on.ts'
import { sha256 } from '#kernel/hash.ts'
import type { Tenant } from '#model/tenant.ts'

export const ISSUER = 'https://login.example.com'

/** A provider of the tenant, whose id is made of the tenant's slug. */
export async function buildProvider(
  catalog: Catalog,
  tenant: Tenant,
  more: Partial<NewProvider> = {},
): Promise<string> {
  const id = `idp_${tenant.slug}`
  const provider: NewProvider = {
    id,
    name: 'Company login',
    issuer: ISSUER,
    clientId: 'millrace',
    clientSecret: null,
    domains: ['example.com'],
    defaultRole: 'viewer',
    revision: '1',
    createdBy: 'test',
    ...more,
  }
  await catalog.asTenant(tenant, (session) => addProvider(session, provider, 10))
  return id
}

/** Somebody comes in through a provider. */
export function enter(
  catalog: Catalog,
  providerId: string,
  subject: string,
  more: Partial<VouchedFor> = {},
): Promise<LetIn | null> {
  const person: VouchedFor = {
    providerId,
    issuer: ISSUER,
    subject,
    email: `${subject}@example.com`,
    name: subject,
    newUserId: `usr_${providerId}_${subject}`,
    ...more,
  }
  return catalog.asSystem((session) => letIn(session, person))
}

/** Opens an invitation; the SHA-256 of its token. */
export async function buildInvitation(
  catalog: Catalog,
  tenant: Tenant,
  email: string,
  role = 'viewer',
): Promise<Buffer> {
  const hash = tokenHash(`${tenant.slug} ${email}`)
  const invitation = { id: `inv_${email}`, email, role, hash, lifeMs: 60_000, invitedBy: 'test' }
  await catalog.asTenant(tenant, (session) => addInvitation(session, invitation))
  return hash
}

export function tokenHash(token: string): Buffer {
  return Buffer.from(sha256(token), 'hex')
}

/** A row in each table of invitations and sign-on. */
export async function buildSignOn(catalog: Catalog, tenant: Tenant): Promise<void> {
  await buildInvitation(catalog, tenant, 'new@example.com')
  await enter(catalog, await buildProvider(catalog, tenant), 'anna')
  await catalog.asTenant(tenant, (session) => setSignOnRequired(session, true, 'test'))
}
