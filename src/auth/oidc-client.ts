import {
  ClientSecretBasic,
  ClientSecretPost,
  None,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type ClientAuth,
  type Configuration,
} from 'openid-client'

import { fetchThrough } from '#auth/oidc-fetch.ts'
import { doubted, unusable } from '#auth/oidc-error.ts'
import type { Egress } from '#egress/egress.ts'
import type { Clock } from '#kernel/clock.ts'
import { MillraceError } from '#kernel/errors.ts'
import { sha256 } from '#kernel/hash.ts'

/** A provider and the client that we are there. */
export interface OidcProvider {
  readonly id: string
  /** Another one after each change. */
  readonly revision: string
  readonly issuer: string
  readonly clientId: string
  /** Null: a public client. */
  readonly clientSecret: string | null
}

/** What ties the answer of a provider to the question; known to this browser alone. */
export interface OidcChecks {
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
}

/** What a provider says of somebody, in a token that it has signed for us. */
export interface OidcPerson {
  readonly issuer: string
  readonly subject: string
  /** As the provider writes it; null unless it has verified it. */
  readonly verifiedEmail: string | null
  readonly name: string | null
}

interface OidcParts {
  readonly egress: Egress
  readonly clock: Clock
}

/**
 * Where the browser goes to sign in. Throws `egress-…`, `issuer-unusable`.
 */
export async function authorizationUrl(
  parts: OidcParts,
  provider: OidcProvider,
  redirectUri: string,
  { state, nonce, verifier }: OidcChecks,
): Promise<URL> {
  const url = buildAuthorizationUrl(await configurationOf(parts, provider), {
    redirect_uri: redirectUri,
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: Buffer.from(sha256(verifier), 'hex').toString('base64url'),
    code_challenge_method: 'S256',
  })
  const isSafe = url.protocol === 'https:' || isOnThisMachine(url)
  if (isSafe) return url
  throw unusable(provider.issuer, 'people would sign in without encryption')
}

/**
 * Who has signed in, from the address to which the browser came back: checks state, issuer, signature,
 * audience, nonce and times, and takes the code. Throws `egress-…`, `sign-on-doubted`.
 */
export async function personOf(
  parts: OidcParts,
  provider: OidcProvider,
  cameTo: URL,
  { state, nonce, verifier }: OidcChecks,
): Promise<OidcPerson> {
  const configuration = await configurationOf(parts, provider)
  try {
    const tokens = await authorizationCodeGrant(configuration, cameTo, {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    })
    const claims = tokens.claims()
    if (!claims) throw new MillraceError('sign-on-doubted', { problem: 'it has no ID token' })
    const isThere = claims['email'] !== undefined && claims['email_verified'] !== undefined
    const more = isThere
      ? claims
      : await fetchUserInfo(configuration, tokens.access_token, claims.sub)
    // The address and whether it is verified must come from one place.
    const { email, email_verified: isVerified } = more
    const name = more.name ?? claims['name']
    return {
      issuer: claims.iss,
      subject: claims.sub,
      verifiedEmail: typeof email === 'string' && isVerified === true ? email : null,
      name: typeof name === 'string' ? name : null,
    }
  } catch (error) {
    throw doubted(error)
  }
}

/** The issuer as it calls itself, after a look at what it publishes. Throws `egress-…`, `issuer-unusable`. */
export async function checkedIssuer(parts: OidcParts, provider: OidcProvider): Promise<string> {
  const { issuer, authorization_endpoint, token_endpoint, jwks_uri } = (
    await discover(parts, provider)
  ).serverMetadata()
  const missing = Object.entries({ authorization_endpoint, token_endpoint, jwks_uri }).find(
    ([, endpoint]) => endpoint === undefined,
  )
  if (missing) throw unusable(provider.issuer, `it names no ${missing[0]}`)
  return issuer
}

const REMEMBERED_MS = 600_000
/** Whoever begins to sign in may be anybody: a provider that fails is not asked again at once. */
const FAILURE_REMEMBERED_MS = 5_000
const REMEMBERED_MAX = 500

interface Known {
  readonly configuration: Promise<Configuration>
  readonly untilMs: number
}

/** What providers publish about themselves and their keys, by the way out; one process remembers few. */
const remembered = new WeakMap<Egress, Map<string, Known>>()

function configurationOf(parts: OidcParts, provider: OidcProvider): Promise<Configuration> {
  const { egress, clock } = parts
  const known = remembered.get(egress) ?? new Map<string, Known>()
  remembered.set(egress, known)
  const key = `${provider.id} ${provider.revision}`
  const found = known.get(key)
  if (found && found.untilMs > clock.monotonicMs()) return found.configuration
  const configuration = discover(parts, provider)
  known.delete(key)
  if (known.size >= REMEMBERED_MAX) known.delete(known.keys().next().value ?? '')
  known.set(key, { configuration, untilMs: clock.monotonicMs() + REMEMBERED_MS })
  configuration.catch(() =>
    known.set(key, { configuration, untilMs: clock.monotonicMs() + FAILURE_REMEMBERED_MS }),
  )
  return configuration
}

async function discover(
  { egress }: OidcParts,
  { issuer, clientId, clientSecret }: OidcProvider,
): Promise<Configuration> {
  const url = URL.parse(issuer)
  if (!url || (url.protocol !== 'https:' && !isOnThisMachine(url))) {
    throw unusable(issuer, 'it is no address that begins with https://')
  }
  try {
    return await discovery(url, clientId, undefined, authenticationOf(clientSecret), {
      [customFetch]: fetchThrough(egress),
      execute: [
        enableNonRepudiationChecks,
        ...(url.protocol === 'http:' ? [allowInsecureRequests] : []),
      ],
    })
  } catch (error) {
    throw unusable(issuer, error)
  }
}

/** As the provider wants it; a provider that does not say so takes it as basic authentication. */
function authenticationOf(secret: string | null): ClientAuth {
  if (secret === null) return None()
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)]
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const authenticate = methods.includes('client_secret_basic') ? basic : post
    authenticate(server, client, body, headers)
  }
}

/** Without encryption nothing but this machine; the way out must allow that, too. */
function isOnThisMachine({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
}
