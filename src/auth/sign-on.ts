import {
  authorizationUrl,
  personOf,
  type OidcPerson,
  type OidcProvider,
} from '#auth/oidc-client.ts'
import { shown } from '#auth/oidc-error.ts'
import { beginUserSession } from '#auth/people.ts'
import type { Arrival, BegunSession, PeopleParts } from '#auth/people.ts'
import { FLOW_MINUTES, beginFlow, endFlow, ownPath } from '#auth/sign-on-flow.ts'
import { appendAuditOf } from '#catalog/audit.ts'
import { letIn, signOnProvider, type SignOnProvider } from '#catalog/sign-on.ts'
import { userById } from '#catalog/users.ts'
import type { Egress } from '#egress/egress.ts'
import { MillraceError } from '#kernel/errors.ts'
import { canonicalJson } from '#kernel/hash.ts'
import { normalEmail } from '#model/email.ts'
import { secretPlace, type SecretPlace } from '#secrets/secret-place.ts'

/** `catalog` is the directory, where people are. */
export interface SignOnParts extends PeopleParts {
  readonly egress: Egress
  publicUrl(): string
}

/** Where the secret of a client lies. */
export function clientSecretPlace(tenantId: number | null, id: string): SecretPlace {
  return secretPlace(tenantId, 'identity_provider.client_secret', id)
}

/**
 * Where the browser goes to sign in, and what it keeps meanwhile. Throws `sign-on-unknown`,
 * `sign-on-unready`, `secret-key-none`.
 */
export async function beginSignOn(
  parts: SignOnParts,
  providerId: string,
  returnTo: string | undefined,
): Promise<{ readonly location: string; readonly sealed: string }> {
  const provider = await providerOf(parts, providerId)
  const { flow, sealed } = beginFlow(parts, provider, ownPath(returnTo))
  const client = toClient(parts, provider)
  const back = redirectUri(parts, providerId)
  const url = await authorizationUrl(parts, client, back, flow).catch(hideProvider)
  return { location: url.href, sealed }
}

export interface SignOnAnswer {
  /** `idp_…` of the address to which the browser came back. */
  readonly providerId: string
  /** What the browser has kept. */
  readonly sealed: string | null
  /** The fields of the address. */
  readonly fields: Readonly<Record<string, string>>
}

export interface SignedOn {
  readonly userId: string
  readonly session: BegunSession
  /** Address of ours that the browser goes on to. */
  readonly location: string
}

/**
 * Lets in whom the provider vouches for, into a session that is good for the provider's tenant alone.
 * Throws `sign-on-lost`, `sign-on-declined`, `sign-on-doubted`, `sign-on-address`, `sign-on-stranger`,
 * `sign-on-unready`.
 */
export async function endSignOn(
  parts: SignOnParts,
  { providerId, sealed, fields }: SignOnAnswer,
  arrival: Arrival,
): Promise<SignedOn> {
  const flow = endFlow(parts, sealed, providerId, fields['state'] ?? '')
  const provider = await providerOf(parts, providerId)
  if (provider.revision !== flow.revision) {
    throw new MillraceError('sign-on-lost', { minutes: FLOW_MINUTES })
  }
  if (fields['error'] !== undefined) {
    throw new MillraceError('sign-on-declined', { reason: shown(fields['error']) })
  }
  const cameTo = new URL(redirectUri(parts, providerId))
  for (const [name, value] of Object.entries(fields)) cameTo.searchParams.set(name, value)
  const client = toClient(parts, provider)
  const person = await personOf(parts, client, cameTo, flow).catch(hideProvider)
  const { userId, session } = await enter(parts, provider, person, arrival)
  return { userId, session, location: ownUrl(parts, flow.returnTo) }
}

async function enter(
  parts: SignOnParts,
  { id: providerId, tenant, domains }: SignOnProvider,
  { issuer, subject, verifiedEmail, name }: OidcPerson,
  arrival: Arrival,
): Promise<{ readonly userId: string; readonly session: BegunSession }> {
  const email = verifiedEmail === null ? null : normalEmail(verifiedEmail)
  if (email === null || !domains.includes(email.slice(email.lastIndexOf('@') + 1))) {
    throw new MillraceError('sign-on-address', { domains: [...domains] })
  }
  const newUserId = parts.ids.next('usr')
  const called = name === null ? email : storable(name) || email
  return parts.catalog.asSystem(async (session) => {
    const person = { providerId, issuer, subject, email, name: called, newUserId }
    const entered = await letIn(session, person)
    // A deployment's provider finds accounts, which may have been disabled.
    const user = entered && (await userById(session, entered.userId))
    if (!entered || !user || user.disabledAt !== null) {
      throw new MillraceError('sign-on-stranger', { email })
    }
    const begun = await beginUserSession(session, parts, user, arrival, tenant)
    if (tenant) {
      const { address, requestId } = arrival
      await appendAuditOf(session, tenant.id, {
        actor: `user ${user.id} ${email}`,
        action: entered.isNew ? 'sign-on.join' : 'sign-on.callback',
        detail: canonicalJson({ provider: providerId, session: begun.id, address }),
        requestId,
      })
    }
    return { userId: user.id, session: begun }
  })
}

/** Anybody may begin to sign in; addresses that a tenant has set are for its owners. */
function hideProvider(error: unknown): never {
  const isOfProvider =
    error instanceof MillraceError && /^egress-|^issuer-unusable$/.test(error.code)
  throw isOfProvider ? new MillraceError('sign-on-unready', {}, { cause: error }) : error
}

async function providerOf({ catalog }: SignOnParts, id: string): Promise<SignOnProvider> {
  const provider = await catalog.asSystem((session) => signOnProvider(session, id))
  if (!provider) throw new MillraceError('sign-on-unknown', { provider: id })
  return provider
}

function toClient(
  { secrets }: SignOnParts,
  { id, tenant, revision, issuer, clientId, clientSecret }: SignOnProvider,
): OidcProvider {
  const place = clientSecretPlace(tenant?.id ?? null, id)
  const opened = clientSecret === null ? null : secrets.open(clientSecret, place)
  return { id, revision, issuer, clientId, clientSecret: opened }
}

/** Where people sign in by a provider, and where it sends them back to. */
export function providerAddresses(
  parts: Pick<SignOnParts, 'publicUrl'>,
  id: string,
): { readonly link: string; readonly redirectUri: string } {
  return { link: ownUrl(parts, `/v1/sign-on/${id}`), redirectUri: redirectUri(parts, id) }
}

/** Another one for each provider, so that no provider's answer passes for another's. */
function redirectUri(parts: Pick<SignOnParts, 'publicUrl'>, providerId: string): string {
  return ownUrl(parts, `/v1/sign-on/${encodeURIComponent(providerId)}/callback`)
}

function ownUrl({ publicUrl }: Pick<SignOnParts, 'publicUrl'>, path: string): string {
  return publicUrl().replace(/\/+$/, '') + path
}

/** A name as a provider tells it, without what a catalog cannot keep. */
function storable(name: string): string {
  return name.toWellFormed().replaceAll('\0', '').slice(0, 200).trim()
}
